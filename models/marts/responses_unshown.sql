-- Grain: one row per live answer of a voter whom no view shows: protected, or no longer on the voter file. Its partner gave it, nobody
-- receives it.
{{ config(
    materialized='incremental',
    unique_key=['feed_no', 'record_id'],
    indexes=[{'columns': ['voter_id']}],
    meta={
        'keys': ['voter_id'],
        'touched_by': {'fct_voter_responses': ['voter_id'], 'dim_voters': ['voter_id'], 'int_voter_keys': false},
        'tells': ['partner_no', 'contact_on'],
    },
) }}

with

responses as (
    select * from {{ ref('fct_voter_responses') }}
    where {{ touched('voter_id') }}
),

shown_voters as (
    select voter_id from {{ ref('dim_voters') }}
    where not is_protected and {{ touched('voter_id') }}
),

-- its rows stay for good
voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

unshown as (
    select
        responses.feed_no,
        responses.record_id,
        responses.voter_id,
        responses.partner_no,
        responses.topic_id,
        responses.channel_no,
        voter_keys.state,
        responses.contact_on
    from responses
    inner join voter_keys on responses.voter_id = voter_keys.voter_id
    left join shown_voters on responses.voter_id = shown_voters.voter_id
    where shown_voters.voter_id is null
)

select * from unshown
