-- Grain: one row per live fact of a delivered line, with its meaning (question, contest, answer), its voter, and what
-- keeps it out of the marts: a problem (quarantined) or no voter (unmatched; in review). The voter is its identity's:
-- when an identity finds another voter, all its answers and opt-outs move. Of a record one delivery is live: the unique index
-- stops a refresh that would count two.
{{ config(
    materialized='incremental',
    unique_key=['_file_id', '_row_number', 'source_record_key'],
    indexes=[
        {'columns': ['_file_id', '_row_number']},
        {'columns': ['feed_id', 'source_record_key'], 'unique': true},
        {'columns': ['feed_id', 'identity_key']},
        {'columns': ['voter_id', 'partner_no']},
        {'columns': ['phone']},
    ],
    meta={
        'keys': ['_file_id', '_row_number'],
        'touched_by': {
            'int_contact_lines__identified': ['_file_id', '_row_number'],
            'int_answers__mapped': ['feed_id', 'source_question'],
            'matching.matches': ['feed_id', 'identity_key'],
            'int_partner_keys': false,
        },
        'tells': ['partner_no', 'voter_id', 'phone', '_file_id', '_row_number'],
    },
) }}

with

lines as (
    select * from {{ ref('int_contact_lines__identified') }}
    where {{ touched('_file_id, _row_number') }}
),

answers as (
    select * from {{ ref('int_answers__mapped') }}
),

matches as (
    select * from {{ source('matching', 'matches') }}
),

partner_keys as (
    select * from {{ ref('int_partner_keys') }}
),

resolved as (
    select
        lines.feed_id,
        lines.partner_id,
        partner_keys.partner_no,
        lines.file_format,
        lines.contact_source,
        lines.source_record_key,
        lines.source_contact_key,
        lines.source_person_key,
        lines.identity_key,
        case when matches.status = 'accepted' then matches.voter_id end as voter_id,
        coalesce(matches.status, 'unmatched') as match_status,
        coalesce(matches.method, 'none') as match_method,
        lines.phone,
        lines.contacted_at,
        lines.contact_on,
        lines.channel,
        lines.contact_result,
        lines.is_contact,
        lines.source_question,
        lines.source_answer,
        nullif(coalesce(answers.question_code, any_answer.question_code), 'ignore') as question_code,
        answers.contest_id,
        answers.candidate_id,
        answers.answer_code,
        coalesce(
            lines.problem,
            case
                when lines.source_question is not null and coalesce(answers.question_code, any_answer.question_code) is null
                    then {{ unmapped_answer() }}
            end
        ) as problem,
        lines._file_id,
        lines._row_number
    from lines
    inner join partner_keys on lines.partner_id = partner_keys.partner_id
    left join answers
        on
            lines.feed_id = answers.feed_id
            and lines.source_question = answers.source_question
            and lines.source_answer = answers.source_answer
            and lines.contact_on between answers.valid_from and answers.valid_until
    left join answers as any_answer
        on
            lines.feed_id = any_answer.feed_id
            and lines.source_question = any_answer.source_question
            and any_answer.source_answer = '*'
            and lines.contact_on between any_answer.valid_from and any_answer.valid_until
    left join matches
        on
            lines.feed_id = matches.feed_id
            and lines.identity_key = matches.identity_key
)

select * from resolved
