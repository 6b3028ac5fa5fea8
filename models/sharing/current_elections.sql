-- Grain: one row per state: the election that ballots count for today: the next one; while none is near, the last.
{{ config(
    materialized='incremental',
    unique_key=['state'],
    meta={'keys': [], 'touched_by': {}, 'tells': ['state']},
) }}

with

ballot_elections as (
    select * from {{ ref('ballot_elections') }}
),

contests as (
    select * from {{ ref('dim_contests') }}
),

states as (
    select * from {{ ref('us_states') }}
),

today as (
    select * from {{ ref('today') }}
),

elections as (
    select distinct
        state,
        election_on
    from ballot_elections
    union
    select
        states.state,
        contests.election_on
    from contests
    inner join states
        on
            contests.division_id = 'ocd-division/country:us'
            -- state:nc, district:dc, territory:pr
            or split_part(split_part(contests.division_id, '/', 3), ':', 2) = lower(states.state)
    cross join today
    -- the registry knows the presidential election years ahead
    where contests.election_on <= today.today + 180
),

current_elections as (
    select
        elections.state,
        coalesce(
            min(elections.election_on) filter (where elections.election_on >= today.today),
            max(elections.election_on)
        ) as election_on
    from elections
    cross join today
    group by elections.state
)

select * from current_elections
