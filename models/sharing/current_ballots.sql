-- Grain: one row per voter with a ballot that counts today: the one in the state's next election or a later one; while none is
-- near, the one in the last. A ballot of May tells in October nothing about who has voted.
with

ballots as (
    select * from {{ ref('ballot_status') }}
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
    from ballots
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
),

current_ballots as (
    select distinct on (ballots.voter_id)
        ballots.voter_id,
        ballots.election_on,
        ballots.ballot_status,
        ballots.status_on
    from ballots
    inner join current_elections on ballots.state = current_elections.state
    where ballots.election_on >= current_elections.election_on
    order by ballots.voter_id asc, ballots.election_on asc
)

select * from current_ballots
