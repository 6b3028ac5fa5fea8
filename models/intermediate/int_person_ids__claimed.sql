-- Grain: one row per namespace + scope + external_id + voter + feed + is_inherited: every claim that this id means this
-- voter. feed_id null: the exchange's own number. is_inherited: by way of a registration that was merged into the voter's.
{{ config(materialized='view') }}
with

survivors as (
    select * from {{ ref('int_voter_survivors') }}
),

person_ids as (
    select * from {{ ref('int_person_ids__delivered') }}
    where delivery_status = 'live' and problem is null
),

claims as (
    select
        'state_voter_id' as namespace,
        state as scope,
        state_voter_id as external_id,
        voter_id,
        feed_id,
        is_inherited
    from survivors
    union all
    select
        'exchange' as namespace,
        null as scope,
        own_voter_id::text as external_id,
        voter_id,
        null as feed_id,
        is_inherited
    from survivors
    union all
    select distinct
        person_ids.namespace,
        person_ids.scope,
        person_ids.external_id,
        survivors.voter_id,
        person_ids.feed_id,
        survivors.is_inherited
    from person_ids
    inner join survivors
        on
            person_ids.state = survivors.state
            and person_ids.state_voter_id = survivors.state_voter_id
    -- said already, by the voter file
    where person_ids.namespace <> 'state_voter_id'
)

select * from claims
