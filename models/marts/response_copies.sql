-- Grain: one row per answer that only repeats what another tool of the same partner told: VAN has it from the texting tool.
-- Counted is the answer it repeats. One that differs from the tool's last word of that day is no copy: somebody corrected it in VAN.
{{ config(
    materialized='incremental',
    unique_key=['feed_no', 'record_id'],
    indexes=[{'columns': ['feed_no', 'record_id'], 'unique': true}, {'columns': ['voter_id', 'partner_no']}],
    meta={
        'keys': ['partner_no', 'voter_id'],
        'touched_by': {
            'int_contact_lines__resolved': ['partner_no', 'voter_id'],
            'int_feed_keys': false,
        },
        'tells': ['partner_no', 'voter_id'],
    },
) }}

with

lines as (
    select * from {{ ref('int_contact_lines__resolved') }}
    where problem is null and voter_id is not null and question_code is not null and {{ touched('partner_no, voter_id') }}
),

tools as (
    select * from {{ ref('tools') }}
),

feed_keys as (
    select * from {{ ref('int_feed_keys') }}
),

answers as (
    select
        lines.partner_no,
        lines.voter_id,
        lines.channel,
        lines.contact_on,
        lines.question_code,
        coalesce(lines.contest_id, '') as contest_id,
        coalesce(lines.candidate_id, '') as candidate_id,
        lines.answer_code,
        lines.contacted_at,
        lines.feed_id,
        feed_keys.feed_no,
        lines.source_record_key as record_id,
        coalesce(tools.tool_rank, 0) as tool_rank
    from lines
    left join tools on lines.file_format = tools.file_format
    left join feed_keys on lines.feed_id = feed_keys.feed_id
),

-- a partner of one tool has no copies: its answers need no ordering
copying as (
    select distinct partner_no from answers
    where tool_rank > 0
),

-- each tool's last word of a day
last_words as (
    select distinct on (partner_no, voter_id, channel, contact_on, question_code, contest_id, candidate_id, tool_rank) *
    from answers
    where partner_no in (select copying.partner_no from copying)
    order by
        partner_no asc, voter_id asc, channel asc, contact_on asc, question_code asc, contest_id asc, candidate_id asc, tool_rank asc,
        {{ newest_answer_first() }}
),

copies as (
    select distinct on (answers.feed_no, answers.record_id)
        answers.feed_no,
        answers.record_id,
        answers.partner_no,
        answers.voter_id,
        last_words.feed_no as counted_feed_no,
        last_words.record_id as counted_record_id
    from answers
    inner join last_words
        on
            answers.partner_no = last_words.partner_no
            and answers.voter_id = last_words.voter_id
            and answers.channel = last_words.channel
            and answers.contact_on = last_words.contact_on
            and answers.question_code = last_words.question_code
            and answers.contest_id = last_words.contest_id
            and answers.candidate_id = last_words.candidate_id
            and answers.answer_code = last_words.answer_code
            and answers.tool_rank > last_words.tool_rank
    order by answers.feed_no asc, answers.record_id asc, last_words.tool_rank asc
)

select * from copies
