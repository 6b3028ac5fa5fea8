-- Grain: one row per voter + election: the status of the ballot in its newest delivery.
with

ballots as (
    select * from {{ ref('int_ballots__delivered') }}
    where delivery_status = 'live' and problem is null
),

voters as (
    select * from {{ ref('dim_voters') }}
),

newest as (
    select distinct on (voters.voter_id, ballots.election_on)
        voters.voter_id,
        ballots.election_on,
        ballots.ballot_status,
        ballots.status_on
    from ballots
    inner join voters
        on
            ballots.state = voters.state
            and ballots.state_voter_id = voters.state_voter_id
    order by
        voters.voter_id asc,
        ballots.election_on asc,
        ballots._file_id desc,
        ballots._row_number desc
)

select * from newest
