-- Grain: one row per contradiction between ids and voters. kind id_of_several_voters: one external_id that several voters
-- claim; it matches nobody until mended. kind voter_with_several_ids: one voter_id with several ids of one namespace and
-- scope; all of them lead to the voter, and the lowest is shown.
with

claims as (
    select * from {{ ref('int_person_ids__claimed') }}
),

ids as (
    select
        'id_of_several_voters' as kind,
        namespace,
        scope,
        external_id,
        null::int as voter_id,
        array_agg(distinct voter_id order by voter_id) as voter_ids,
        array[external_id] as external_ids,
        array_remove(array_agg(distinct feed_id order by feed_id), null) as feed_ids
    from claims
    group by namespace, scope, external_id
    having min(voter_id) <> max(voter_id)
),

voters as (
    select
        'voter_with_several_ids' as kind,
        namespace,
        scope,
        null as external_id,
        voter_id,
        array[voter_id] as voter_ids,
        array_agg(distinct external_id order by external_id) as external_ids,
        array_remove(array_agg(distinct feed_id order by feed_id), null) as feed_ids
    from claims
    -- a voter keeps the ids of a registration merged into it: that is no contradiction
    where not is_inherited
    group by namespace, scope, voter_id
    having min(external_id) <> max(external_id)
),

conflicts as (
    select * from ids
    union all
    select * from voters
)

select * from conflicts
