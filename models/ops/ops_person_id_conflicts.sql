-- Grain: one row per namespace + scope + external_id that several voters claim: such an id matches nobody until mended.
with

claims as (
    select * from {{ ref('int_person_ids__claimed') }}
),

conflicts as (
    select
        namespace,
        scope,
        external_id,
        count(distinct voter_id)::int as voter_count,
        array_agg(distinct voter_id order by voter_id) as voter_ids
    from claims
    group by namespace, scope, external_id
    having count(distinct voter_id) > 1
)

select * from conflicts
