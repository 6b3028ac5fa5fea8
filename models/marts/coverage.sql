-- Grain: one row per voter + partner that tried to contact the voter: how often, how, and what came of it.
{{ config(
    materialized='incremental',
    unique_key=['voter_id', 'partner_no'],
    indexes=[{'columns': ['voter_id', 'partner_no']}],
    meta={
        'keys': ['voter_id'],
        'touched_by': {'fct_contacts': ['voter_id'], 'fct_voter_responses': ['voter_id']},
        'tells': ['voter_id', 'partner_no'],
    },
) }}

with

contacts as (
    select * from {{ ref('fct_contacts') }}
    where {{ touched('voter_id') }}
),

responses as (
    select * from {{ ref('fct_voter_responses') }}
    where {{ touched('voter_id') }}
),

contact_results as (
    select * from {{ ref('contact_results') }}
),

answered as (
    select
        contact_id,
        count(*) as response_count
    from responses
    group by contact_id
),

attempts as (
    select
        contacts.voter_id,
        contacts.partner_no,
        contacts.channel_no,
        contacts.contact_on,
        coalesce(answered.response_count, 0) as response_count,
        {{ is_conversation('contact_results.contact_result', 'coalesce(answered.response_count, 0)') }} as is_conversation
    from contacts
    left join answered on contacts.contact_id = answered.contact_id
    left join contact_results on contacts.result_no = contact_results.result_no
),

summed as (
    select
        voter_id,
        partner_no,
        count(*)::int as attempt_count,
        (count(*) filter (where is_conversation))::int as conversation_count,
        sum(response_count)::int as response_count,
        min(contact_on) as first_attempt_on,
        max(contact_on) as last_attempt_on,
        min(contact_on) filter (where is_conversation) as first_conversation_on,
        max(contact_on) filter (where is_conversation) as last_conversation_on,
        array_agg(distinct channel_no order by channel_no) as channel_nos
    from attempts
    group by voter_id, partner_no
)

select * from summed
