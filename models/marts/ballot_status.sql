-- Grain: one row per voter + election: what became of the ballot, as far as any feed knows.
{{ config(
    materialized='incremental',
    unique_key=['voter_id', 'election_on'],
    meta={'keys': [], 'touched_by': {'int_ballots__delivered': none, 'int_voter_survivors': none}, 'tells': ['voter_id']},
) }}
with

ballots as (
    select * from {{ ref('int_ballots__delivered') }}
    where delivery_status = 'live' and problem is null
),

survivors as (
    select * from {{ ref('int_voter_survivors') }}
),

furthest as (
    select distinct on (survivors.voter_id, ballots.election_on)
        survivors.voter_id,
        survivors.state,
        ballots.election_on,
        ballots.ballot_status,
        ballots.status_on
    from ballots
    inner join survivors
        on
            ballots.state = survivors.state
            and ballots.state_voter_id = survivors.state_voter_id
    -- each feed's newest word is live; of several feeds the one that knows most: who voted early in person stays on the
    -- list of ballots sent by mail, and must not be asked to vote again
    order by
        survivors.voter_id asc,
        ballots.election_on asc,
        case
            when ballots.ballot_status in ('accepted', 'voted_in_person') then 1
            when ballots.ballot_status in ('returned', 'rejected') then 2
            else 3
        end asc,
        ballots._file_id desc,
        ballots._row_number desc
)

select * from furthest
where {{ touched() }}
