-- Grain: one row per namespace + scope + external_id: an id that means exactly one voter. scope '' where ids are
-- national.
{{ config(
    materialized='incremental',
    unique_key=['namespace', 'scope', 'external_id'],
    meta={'keys': [], 'touched_by': {'int_person_ids__checked': none}, 'tells': ['voter_id']},
) }}
with

person_ids as (
    select * from {{ ref('int_person_ids__checked') }}
),

crosswalk as (
    select
        namespace,
        scope,
        external_id,
        voter_id,
        is_inherited
    from person_ids
)

select * from crosswalk
where {{ touched() }}
