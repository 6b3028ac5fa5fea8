-- Grain: one row per live response event (feed_no + record_id): one answer of one voter to one question. Not one that a second
-- tool of the partner repeats (response_copies).
{{ config(
    materialized='incremental',
    unique_key=['feed_no', 'record_id'],
    indexes=[
        {'columns': ['feed_no', 'record_id'], 'unique': true},
        {'columns': ['voter_id', 'topic_id', 'partner_no']},
        {'columns': ['partner_no', 'contact_on']},
    ],
    meta={
        'keys': ['partner_no', 'voter_id'],
        'touched_by': {
            'int_contact_lines__resolved': ['partner_no', 'voter_id'],
            'contact_sources': ['partner_no', 'voter_id'],
            'response_copies': ['partner_no', 'voter_id'],
            'dim_voter_divisions': {'voter_id': 'voter_id'},
            'dim_topics': {'topic_id': 'topic_id'},
            'int_feed_keys': false,
        },
        'tells': ['partner_no', 'voter_id', 'topic_id', 'contact_on'],
    },
) }}

with

lines as (
    select * from {{ ref('int_contact_lines__resolved') }}
    where problem is null and voter_id is not null and question_code is not null and {{ touched('partner_no, voter_id') }}
),

sources as (
    select * from {{ ref('contact_sources') }}
    where {{ touched('partner_no, voter_id') }}
),

copies as (
    select * from {{ ref('response_copies') }}
    where {{ touched('partner_no, voter_id') }}
),

divisions as (
    select * from {{ ref('dim_voter_divisions') }}
),

topics as (
    select * from {{ ref('dim_topics') }}
),

feed_keys as (
    select * from {{ ref('int_feed_keys') }}
),

channels as (
    select * from {{ ref('channels') }}
),

-- outer joins: an answer without a number or a contact must stop the build (not null), not vanish
responses as (
    select
        sources.contact_id,
        lines.contacted_at,
        lines.voter_id,
        lines.contact_on,
        lines.partner_no,
        feed_keys.feed_no,
        topics.topic_id,
        lines.answer_code,
        channels.channel_no,
        -- kept when it is about somebody else's race, but no support for a race on this voter's ballot: that of election day, for
        -- an election to come that of the newest voter file
        case
            when topics.contest_id is not null then coalesce(topics.division_id = any(divisions.division_ids), false)
        end as on_ballot,
        lines.source_record_key as record_id
    from lines
    left join feed_keys on lines.feed_id = feed_keys.feed_id
    left join channels on lines.channel = channels.channel
    left join topics
        on
            lines.question_code = topics.question_code
            and coalesce(lines.contest_id, '') = coalesce(topics.contest_id, '')
            and coalesce(lines.candidate_id, '') = coalesce(topics.candidate_id, '')
    left join sources
        on
            lines.contact_source = sources.contact_source
            and lines.source_contact_key = sources.source_contact_key
            and lines.voter_id = sources.voter_id
            and lines.partner_no = sources.partner_no
    left join divisions
        on
            lines.voter_id = divisions.voter_id
            and topics.election_on between divisions.valid_from and divisions.valid_until
    left join copies
        on
            feed_keys.feed_no = copies.feed_no
            and lines.source_record_key = copies.record_id
    where copies.record_id is null
)

select * from responses
