-- Grain: one row per voter + question + contest + candidate: the canonical voter-response mart, the newest live answer
-- of all partners, in words. What a partner sees is reconciled from its own visible rows (sharing), never cut out of this.
{{ config(materialized='view') }}

with

current_responses as (
    select * from {{ ref('responses_current') }}
),

voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

topics as (
    select * from {{ ref('dim_topics') }}
),

answers as (
    select * from {{ ref('answers') }}
),

channels as (
    select * from {{ ref('channels') }}
),

partners as (
    select * from {{ ref('dim_partners') }}
),

feeds as (
    select * from {{ ref('dim_feeds') }}
),

described as (
    select
        current_responses.voter_id,
        voter_keys.state,
        topics.question_code,
        topics.question_label,
        topics.contest_id,
        topics.contest_name,
        topics.election_on,
        topics.candidate_id,
        topics.office_level,
        current_responses.answer_code,
        answers.answer_label,
        answers.rollup_code,
        channels.channel,
        current_responses.contacted_at,
        current_responses.contact_on,
        partners.partner_id,
        feeds.feed_id,
        current_responses.record_id,
        current_responses.on_ballot,
        current_responses.response_count,
        current_responses.partner_count,
        current_responses.first_asked_on,
        current_responses.last_asked_on,
        current_responses.answers_disagree
    from current_responses
    -- outer joins: a number without its words shows as an empty cell that a test finds, not as a row less
    left join voter_keys on current_responses.voter_id = voter_keys.voter_id
    left join topics on current_responses.topic_id = topics.topic_id
    left join channels on current_responses.channel_no = channels.channel_no
    left join partners on current_responses.partner_no = partners.partner_no
    left join feeds on current_responses.feed_no = feeds.feed_no
    left join answers
        on
            topics.question_code = answers.question_code
            and current_responses.answer_code = answers.answer_code
)

select * from described
