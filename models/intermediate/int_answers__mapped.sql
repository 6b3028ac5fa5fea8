-- Grain: one row per answer as some feed gave it (format, partner, scope, question, answer) and day, with its meaning.
-- No row: the answer map does not know it, and the line is quarantined.
with

lines as (
    select * from {{ ref('int_contact_lines__delivered') }}
    where delivery_status = 'live' and source_question is not null and contact_on is not null
),

feeds as (
    select * from {{ ref('feeds') }}
),

answer_map as (
    select * from {{ ref('answer_map') }}
),

answers as (
    select distinct
        lines.feed_id,
        lines.file_format,
        lines.partner_id,
        feeds.id_scope,
        lines.source_question,
        lines.source_answer,
        lines.contact_on
    from lines
    inner join feeds on lines.feed_id = feeds.feed_id
),

mapped as (
    select distinct on (answers.feed_id, answers.source_question, answers.source_answer, answers.contact_on)
        answers.feed_id,
        answers.source_question,
        answers.source_answer,
        answers.contact_on,
        answer_map.question_code,
        answer_map.contest_id,
        answer_map.candidate_id,
        answer_map.answer_code
    from answers
    inner join answer_map
        on
            answers.file_format = answer_map.file_format
            and answers.source_question = answer_map.source_question
            and (
                answers.source_answer = answer_map.source_answer
                or (answer_map.source_answer = '*' and answer_map.question_code = 'ignore')
            )
            and answer_map.partner_id in (answers.partner_id, '*')
            and answer_map.id_scope in (answers.id_scope, '*')
            and answers.contact_on >= coalesce(answer_map.valid_from, '-infinity')
            and answers.contact_on <= coalesce(answer_map.valid_until, 'infinity')
    -- a partner's own line beats one for all, then its own scope, then the very answer over "any answer"
    order by
        answers.feed_id asc,
        answers.source_question asc,
        answers.source_answer asc,
        answers.contact_on asc,
        (answer_map.partner_id = '*') asc,
        (answer_map.id_scope = '*') asc,
        (answer_map.source_answer = '*') asc
)

select * from mapped
