-- Grain: one row per live response event, as fct_voter_responses has it, in words.
{{ config(materialized='view') }}

with

responses as (
    select * from {{ ref('fct_voter_responses') }}
),

partners as (
    select * from {{ ref('dim_partners') }}
),

feeds as (
    select * from {{ ref('dim_feeds') }}
),

topics as (
    select * from {{ ref('dim_topics') }}
),

channels as (
    select * from {{ ref('channels') }}
),

answers as (
    select * from {{ ref('answers') }}
),

voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

described as (
    select
        feeds.feed_id,
        responses.record_id,
        responses.contact_id,
        partners.partner_id,
        responses.voter_id,
        voter_keys.state,
        responses.topic_id,
        topics.question_code,
        topics.question_label,
        topics.contest_id,
        topics.contest_name,
        topics.candidate_id,
        topics.candidate_name,
        topics.office_level,
        responses.answer_code,
        answers.answer_label,
        answers.rollup_code,
        channels.channel,
        responses.contacted_at,
        responses.contact_on,
        responses.on_ballot
    from responses
    inner join partners on responses.partner_no = partners.partner_no
    inner join feeds on responses.feed_no = feeds.feed_no
    inner join topics on responses.topic_id = topics.topic_id
    inner join channels on responses.channel_no = channels.channel_no
    inner join voter_keys on responses.voter_id = voter_keys.voter_id
    left join answers
        on
            topics.question_code = answers.question_code
            and responses.answer_code = answers.answer_code
)

select * from described
