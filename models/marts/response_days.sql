-- Grain: one row per partner + topic + channel + state + day: its live answers of that day. What sharing rules tell rows apart by, and
-- how many there are, without reading the rows.
{{ config(
    materialized='incremental',
    unique_key=['partner_no', 'contact_on', 'topic_id', 'channel_no', 'state'],
    indexes=[{'columns': ['partner_no', 'contact_on']}],
    meta={
        'keys': ['partner_no', 'contact_on'],
        'touched_by': {'fct_voter_responses': ['partner_no', 'contact_on'], 'int_voter_keys': false},
    },
) }}

with

responses as (
    select * from {{ ref('fct_voter_responses') }}
    where {{ touched('partner_no, contact_on') }}
),

-- its rows stay for good
voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

counted as (
    select
        responses.partner_no,
        responses.contact_on,
        responses.topic_id,
        responses.channel_no,
        voter_keys.state,
        count(*)::int as response_count
    from responses
    inner join voter_keys on responses.voter_id = voter_keys.voter_id
    group by responses.partner_no, responses.contact_on, responses.topic_id, responses.channel_no, voter_keys.state
)

select * from counted
