-- Grain: one row per feed + question + answer + time in which it means the same: the answer map, spelled out. Answer '*': any that
-- has no rows of its own. A day in no row: the map does not know the answer, and the line is quarantined.
{{ config(
    materialized='incremental',
    unique_key=['feed_id', 'source_question', 'source_answer', 'valid_from'],
    meta={'keys': [], 'touched_by': {}, 'tells': ['feed_id', 'source_question']},
) }}

with

feeds as (
    select * from {{ ref('feeds') }}
),

answer_map as (
    select * from {{ ref('answer_map') }}
),

contests as (
    select * from {{ ref('contests') }}
),

-- every line of the map that speaks of a feed; the rank says which of two wins: a partner's own line over one for all, then its
-- own scope, then the very answer over "any answer"
applicable as (
    select
        feeds.feed_id,
        answer_map.source_question,
        answer_map.source_answer,
        answer_map.question_code,
        answer_map.contest_id,
        answer_map.candidate_id,
        answer_map.answer_code,
        -- an answer given when its contest is not valid is none about it: a question re-cycled before anybody remapped it
        greatest(answer_map.valid_from, contests.valid_from, '-infinity') as valid_from,
        least(answer_map.valid_until, contests.valid_until, 'infinity') as valid_until,
        (answer_map.partner_id = '*')::int * 4
        + (answer_map.id_scope = '*')::int * 2
        + (answer_map.source_answer = '*')::int as specificity
    from answer_map
    inner join feeds
        on
            answer_map.file_format = feeds.file_format
            and answer_map.partner_id in (feeds.partner_id, '*')
            and answer_map.id_scope in (feeds.id_scope, '*')
    left join contests on answer_map.contest_id = contests.contest_id
    where
        -- what every answer means can only be: nothing
        (answer_map.source_answer <> '*' or answer_map.question_code = 'ignore')
        and coalesce(answer_map.valid_from, '-infinity') <= coalesce(contests.valid_until, 'infinity')
        and coalesce(contests.valid_from, '-infinity') <= coalesce(answer_map.valid_until, 'infinity')
),

answers as (
    select distinct
        feed_id,
        source_question,
        source_answer
    from applicable
),

candidates as (
    select
        answers.feed_id,
        answers.source_question,
        answers.source_answer,
        applicable.question_code,
        applicable.contest_id,
        applicable.candidate_id,
        applicable.answer_code,
        applicable.valid_from,
        applicable.valid_until,
        applicable.specificity
    from answers
    inner join applicable
        on
            answers.feed_id = applicable.feed_id
            and answers.source_question = applicable.source_question
            and applicable.source_answer in (answers.source_answer, '*')
),

-- the days on which another line may begin to count
beginnings as (
    select
        feed_id,
        source_question,
        source_answer,
        valid_from
    from candidates
    union
    select
        feed_id,
        source_question,
        source_answer,
        valid_until + 1 as valid_from
    from candidates
    where valid_until < 'infinity'
),

spans as (
    select
        feed_id,
        source_question,
        source_answer,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by feed_id, source_question, source_answer order by valid_from) - 1, 'infinity'
        ) as valid_until
    from beginnings
),

mapped as (
    select distinct on (spans.feed_id, spans.source_question, spans.source_answer, spans.valid_from)
        spans.feed_id,
        spans.source_question,
        spans.source_answer,
        spans.valid_from,
        spans.valid_until,
        candidates.question_code,
        candidates.contest_id,
        candidates.candidate_id,
        candidates.answer_code
    from spans
    inner join candidates
        on
            spans.feed_id = candidates.feed_id
            and spans.source_question = candidates.source_question
            and spans.source_answer = candidates.source_answer
            and spans.valid_from between candidates.valid_from and candidates.valid_until
    order by
        spans.feed_id asc,
        spans.source_question asc,
        spans.source_answer asc,
        spans.valid_from asc,
        candidates.specificity asc
)

select * from mapped
