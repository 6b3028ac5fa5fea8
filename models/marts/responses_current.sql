-- Grain: one row per voter_id + topic_id (question + contest + candidate): the newest live answer of all partners, and how
-- often it was asked. Numbers only; voter_responses_current says the same in words.
{{ config(
    materialized='incremental',
    unique_key=['voter_id', 'topic_id'],
    indexes=[{'columns': ['voter_id', 'topic_id'], 'unique': true}],
    meta={
        'keys': ['voter_id', 'topic_id'],
        'touched_by': {
            'fct_voter_responses': ['voter_id', 'topic_id'],
            'int_feed_keys': false,
        },
        'tells': ['voter_id', 'topic_id'],
    },
) }}

with

responses as (
    select * from {{ ref('fct_voter_responses') }}
    where {{ touched('voter_id, topic_id') }}
),

feeds as (
    select
        feed_no,
        feed_id
    from {{ ref('int_feed_keys') }}
),

keyed as (
    select
        responses.*,
        -- the order of ties, which numbers given once do not keep
        feeds.feed_id,
        -- sorted by one number the build takes 5.5 CPU s for 5 M rows, by two columns 9; any smallint fits beside the voter
        responses.voter_id * 65536::bigint + responses.topic_id as voter_topic
    from responses
    inner join feeds on responses.feed_no = feeds.feed_no
),

ranked as (
    select
        keyed.*,
        row_number() over newest_first as answer_rank,
        count(*) over newest_first as response_count,
        -- a window knows no count(distinct); a number beyond 255 is an error here, never a wrong count
        bit_or(set_bit('0'::bit(256), keyed.partner_no, 1)) over newest_first as partners,
        min(keyed.contact_on) over newest_first as first_asked_on,
        max(keyed.contact_on) over newest_first as last_asked_on,
        min(keyed.answer_code) over newest_first <> max(keyed.answer_code) over newest_first as answers_disagree
    from keyed
    -- one window for the winner and the counts: a second one would be a second pass over everything
    window newest_first as (
        partition by voter_topic
        order by {{ newest_answer_first() }}
        rows between unbounded preceding and unbounded following
    )
),

newest as (
    select
        voter_id,
        topic_id,
        answer_code,
        contacted_at,
        contact_on,
        feed_no,
        partner_no,
        channel_no,
        record_id,
        on_ballot,
        response_count::int as response_count,
        bit_count(partners)::int as partner_count,
        first_asked_on,
        last_asked_on,
        answers_disagree
    from ranked
    where answer_rank = 1
)

select * from newest
