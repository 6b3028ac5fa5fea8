-- Grain: one row per contact: what was known about the person before that day, had all partners told each other everything.
{{ config(
    materialized='incremental',
    unique_key=['contact_id'],
    indexes=[{'columns': ['voter_id']}, {'columns': ['partner_no', 'month_on']}],
    meta={
        'keys': ['voter_id'],
        'touched_by': {
            'fct_contacts': ['voter_id'],
            'fct_voter_responses': ['voter_id'],
            'ballot_status': ['voter_id'],
            'suppressions': ['voter_id'],
            'dim_partners': false,
        },
        'tells': ['partner_no', 'month_on'],
        'days': [var('answered_within_days', 30), var('contacted_within_days', 14)],
    },
) }}
-- days of an answer before the contact's, and moments of a contact before it
{% set answered -%}
    order by contact_on range between interval '{{ var('answered_within_days', 30) }} days' preceding and interval '1 day' preceding
{%- endset %}
{% set contacted -%}
    order by contacted_at range between interval '{{ var('contacted_within_days', 14) }} days' preceding and current row exclude group
{%- endset %}

with

contacts as (
    select * from {{ ref('fct_contacts') }}
    where {{ touched('voter_id') }}
),

responses as (
    select * from {{ ref('fct_voter_responses') }}
    where {{ touched('voter_id') }}
),

votes as (
    select * from {{ ref('ballot_status') }}
    where ballot_status in ('returned', 'accepted', 'voted_in_person') and {{ touched('voter_id') }}
),

suppressions as (
    select * from {{ ref('suppressions') }}
    where {{ touched('voter_id') }}
),

channels as (
    select * from {{ ref('channels') }}
),

partners as (
    select * from {{ ref('dim_partners') }}
),

events as (
    select
        contact_id,
        voter_id,
        partner_no,
        channel_no,
        contacted_at,
        contact_on,
        false as is_answer
    from contacts
    union all
    select
        null as contact_id,
        voter_id,
        partner_no,
        null as channel_no,
        contacted_at,
        contact_on,
        true as is_answer
    from responses
),

looked_back as (
    select
        *,
        count(*) filter (where is_answer) over ours_before > 0 as had_answered_us,
        count(*) filter (where is_answer) over before > 0 as had_answered_any,
        count(*) filter (where not is_answer) over lately > count(*) filter (where not is_answer) over ours_lately as is_duplicate
    from events
    window
        before as (partition by voter_id {{ answered }}),
        ours_before as (partition by voter_id, partner_no {{ answered }}),
        lately as (partition by voter_id {{ contacted }}),
        ours_lately as (partition by voter_id, partner_no {{ contacted }})
),

voted as (
    select distinct contacts.contact_id
    from contacts
    inner join votes
        on
            contacts.voter_id = votes.voter_id
            and contacts.contact_on > votes.status_on
            and contacts.contact_on <= votes.election_on
),

suppressed as (
    select distinct contacts.contact_id
    from contacts
    inner join partners on contacts.partner_no = partners.partner_no
    inner join channels on contacts.channel_no = channels.channel_no
    inner join suppressions
        on
            contacts.voter_id = suppressions.voter_id
            and contacts.contact_on > suppressions.effective_on
            and suppressions.caller_partner_id in ('', partners.partner_id)
            and {{ is_against('suppressions', 'channels.channel') }}
),

spent as (
    select
        looked_back.contact_id,
        looked_back.voter_id,
        looked_back.partner_no,
        looked_back.channel_no,
        date_trunc('month', looked_back.contact_on)::date as month_on,
        looked_back.had_answered_us,
        looked_back.had_answered_any,
        voted.contact_id is not null as had_voted,
        suppressed.contact_id is not null as was_suppressed,
        looked_back.is_duplicate
    from looked_back
    left join voted on looked_back.contact_id = voted.contact_id
    left join suppressed on looked_back.contact_id = suppressed.contact_id
    where not looked_back.is_answer
)

select * from spent
