-- Grain: one row per voter + election: that the voter took part in it, and how.
{{ config(
    materialized='incremental',
    unique_key=['voter_id', 'election_on'],
    meta={'keys': [], 'touched_by': {'int_voter_history__delivered': none, 'int_voter_survivors': none}, 'tells': ['voter_id']},
) }}
with

ballots_cast as (
    select * from {{ ref('int_voter_history__delivered') }}
    where delivery_status = 'live' and problem is null
),

survivors as (
    select * from {{ ref('int_voter_survivors') }}
),

newest as (
    select distinct on (survivors.voter_id, ballots_cast.election_on)
        survivors.voter_id,
        survivors.state,
        ballots_cast.election_on,
        ballots_cast.election_label,
        ballots_cast.voting_method,
        ballots_cast.voted_party
    from ballots_cast
    inner join survivors
        on
            ballots_cast.state = survivors.state
            and ballots_cast.state_voter_id = survivors.state_voter_id
    -- the voter's own line before one of a registration merged into it
    order by
        survivors.voter_id asc,
        ballots_cast.election_on asc,
        survivors.is_inherited asc,
        ballots_cast._file_id desc,
        ballots_cast._row_number desc
)

select * from newest
where {{ touched() }}
