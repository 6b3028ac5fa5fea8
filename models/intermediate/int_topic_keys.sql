-- Grain: one row per topic ever asked about: question + contest + candidate ('' where it has none), with the number that facts
-- carry. A number is given once and kept: this table is never rebuilt.
{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false, on_schema_change='fail') }}

with

questions as (
    select * from {{ ref('questions') }}
),

candidates as (
    select * from {{ ref('candidates') }}
),

answer_map as (
    select * from {{ ref('answer_map') }}
    where question_code <> 'ignore'
),

topics as (
    select
        question_code,
        '' as contest_id,
        '' as candidate_id
    from questions
    where scope = 'person'
    union
    select
        questions.question_code,
        candidates.contest_id,
        candidates.candidate_id
    from questions
    cross join candidates
    where questions.question_code = 'candidate_support'
    union
    select
        question_code,
        coalesce(contest_id, '') as contest_id,
        coalesce(candidate_id, '') as candidate_id
    from answer_map
),

known as (
    {% if is_incremental() %}
        select
            topic_id,
            question_code,
            contest_id,
            candidate_id
        from {{ this }}
    {% else %}
        select
            null::smallint as topic_id,
            null::text as question_code,
            null::text as contest_id,
            null::text as candidate_id
        where false
    {% endif %}
),

last_id as (
    select coalesce(max(topic_id), 0) as topic_id from known
),

new_keys as (
    select
        (
            last_id.topic_id + row_number() over (
                order by topics.question_code collate "C", topics.contest_id collate "C", topics.candidate_id collate "C" -- noqa: RF02
            )
        )::smallint as topic_id,
        topics.question_code,
        topics.contest_id,
        topics.candidate_id
    from topics
    cross join last_id
    left join known
        on
            topics.question_code = known.question_code
            and topics.contest_id = known.contest_id
            and topics.candidate_id = known.candidate_id
    where known.topic_id is null
)

select * from new_keys
