-- Grain: one row per partner + topic + channel + state + day: its live answers of that day. What sharing rules tell rows apart by, and
-- how many there are, without reading the rows.
{{ config(
    materialized='incremental',
    unique_key=['partner_no', 'contact_on', 'topic_id', 'channel_no', 'state'],
    indexes=[
        {'columns': ['partner_no', 'contact_on']},
        {'columns': ['partner_no', 'topic_id', 'channel_no', 'state', 'contact_on']},
    ],
    meta={
        'keys': ['partner_no', 'contact_on'],
        'touched_by': {
            'fct_voter_responses': ['partner_no', 'contact_on'],
            'responses_unshown': ['partner_no', 'contact_on'],
            'int_voter_keys': false,
        },
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
        count(*) as response_count
    from responses
    inner join voter_keys on responses.voter_id = voter_keys.voter_id
    group by responses.partner_no, responses.contact_on, responses.topic_id, responses.channel_no, voter_keys.state
),

unshown as (
    select
        partner_no,
        contact_on,
        topic_id,
        channel_no,
        state,
        count(*) as response_count
    from {{ ref('responses_unshown') }}
    where {{ touched('partner_no, contact_on') }}
    group by partner_no, contact_on, topic_id, channel_no, state
),

days as (
    select
        counted.partner_no,
        counted.contact_on,
        counted.topic_id,
        counted.channel_no,
        counted.state,
        counted.response_count::int as response_count,
        (counted.response_count - coalesce(unshown.response_count, 0))::int as shown_count
    from counted
    left join unshown
        on
            counted.partner_no = unshown.partner_no
            and counted.contact_on = unshown.contact_on
            and counted.topic_id = unshown.topic_id
            and counted.channel_no = unshown.channel_no
            and counted.state = unshown.state
)

select * from days
