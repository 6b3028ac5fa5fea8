-- Grain: one row per state + election that some ballot is of.
{{ config(
    materialized='incremental',
    unique_key=['state', 'election_on'],
    meta={'keys': [], 'touched_by': {'ballot_status': none}, 'tells': ['state']},
) }}

with

ballots as (
    select * from {{ ref('ballot_status') }}
    where {{ touched() }}
),

elections as (
    select distinct
        state,
        election_on
    from ballots
)

select * from elections
