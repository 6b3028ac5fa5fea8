-- Grain: one row per namespace + scope + external_id that means exactly one voter. Ids claimed for two voters are in
-- ops_person_id_conflicts and match nobody: a wrong person is worse than none.
{{ config(
    materialized='incremental',
    unique_key=['namespace', 'scope', 'external_id'],
    meta={
        'keys': [],
        'touched_by': {
            'int_voter_survivors': none,
            'int_person_ids__delivered': none,
            'int_person_ids__claimed': false,
        },
        'tells': ['namespace', 'scope', 'external_id'],
    },
) }}
with

claims as (
    select * from {{ ref('int_person_ids__claimed') }}
),

checked as (
    select
        namespace,
        coalesce(scope, '') as scope,
        external_id,
        min(voter_id) as voter_id,
        bool_and(is_inherited) as is_inherited
    from claims
    group by namespace, coalesce(scope, ''), external_id
    having min(voter_id) = max(voter_id)
)

select * from checked
where {{ touched() }}
