-- Grain: one row per voter with a ballot that counts today: the one in the state's next election or a later one; while none is
-- near, the one in the last. A ballot of May tells in October nothing about who has voted.
{{ config(
    materialized='incremental',
    unique_key=['voter_id'],
    indexes=[{'columns': ['voter_id'], 'unique': true}],
    meta={'keys': [], 'touched_by': {'ballot_status': none, 'current_elections': none}, 'tells': ['voter_id']},
) }}

with

ballots as (
    select * from {{ ref('ballot_status') }}
    where {{ touched() }}
),

current_elections as (
    select * from {{ ref('current_elections') }}
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
