-- Grain: one row per state + state_voter_id ever on a voter file. A voter keeps voter_id for good, so this table is never
-- rebuilt: not by --full-refresh, and not when the voter leaves the file and comes back.
{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false, on_schema_change='fail',
    meta={'keys': [], 'touched_by': {'int_voter_moments': none}}) }}

with

voters as (
    select distinct
        state,
        state_voter_id
    from {{ ref('int_voter_moments') }}
    where told = 'registered' and {{ touched() }}
),

known as (
    {% if is_incremental() %}
        select
            voter_id,
            state,
            state_voter_id
        from {{ this }}
    {% else %}
        select
            null::int as voter_id,
            null::text as state,
            null::text as state_voter_id
        where false
    {% endif %}
),

last_key as (
    select coalesce(max(voter_id), 0) as voter_id from known
),

new_keys as (
    select
        (last_key.voter_id + row_number() over (order by voters.state asc, voters.state_voter_id asc))::int as voter_id,
        voters.state,
        voters.state_voter_id
    from voters
    cross join last_key
    left join known
        on
            voters.state = known.state
            and voters.state_voter_id = known.state_voter_id
    where known.voter_id is null
)

select * from new_keys
