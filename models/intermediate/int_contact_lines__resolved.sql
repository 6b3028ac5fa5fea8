-- Grain: one row per live fact of a delivered line, with its meaning (question, contest, answer), its voter, and what
-- keeps it out of the marts: a problem (quarantined) or no voter (unmatched; in review). The voter is its identity's:
-- when an identity finds another voter, all its answers and opt-outs move.
with

lines as (
    select * from {{ ref('int_contact_lines__identified') }}
),

answers as (
    select * from {{ ref('int_answers__mapped') }}
),

matches as (
    select * from {{ source('matching', 'matches') }}
),

resolved as (
    select
        lines.feed_id,
        lines.partner_id,
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
        nullif(answers.question_code, 'ignore') as question_code,
        answers.contest_id,
        answers.candidate_id,
        answers.answer_code,
        coalesce(
            lines.problem,
            case when lines.source_question is not null and answers.question_code is null then 'answer is not in the answer map' end
        ) as problem,
        lines._file_id,
        lines._row_number
    from lines
    left join answers
        on
            lines.feed_id = answers.feed_id
            and lines.source_question = answers.source_question
            and lines.source_answer = answers.source_answer
            and lines.contact_on = answers.contact_on
    left join matches
        on
            lines.feed_id = matches.feed_id
            and lines.identity_key = matches.identity_key
)

select * from resolved
