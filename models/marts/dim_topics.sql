-- Grain: one row per topic: what an answer is about: question + contest + candidate. A question about the person has neither.
{{ config(
    materialized='incremental',
    unique_key=['topic_id'],
    indexes=[{'columns': ['topic_id'], 'unique': true}],
    meta={'keys': [], 'touched_by': {}, 'tells': ['topic_id']},
) }}

with

topic_keys as (
    select * from {{ ref('int_topic_keys') }}
),

questions as (
    select * from {{ ref('questions') }}
),

contests as (
    select * from {{ ref('dim_contests') }}
),

candidates as (
    select * from {{ ref('candidates') }}
),

described as (
    select
        topic_keys.topic_id,
        topic_keys.question_code,
        questions.question_label,
        questions.scope as question_scope,
        nullif(topic_keys.contest_id, '') as contest_id,
        contests.contest_name,
        contests.office_level,
        contests.division_id,
        contests.election_on,
        nullif(topic_keys.candidate_id, '') as candidate_id,
        candidates.candidate_name,
        candidates.party
    from topic_keys
    left join questions on topic_keys.question_code = questions.question_code
    left join contests on topic_keys.contest_id = contests.contest_id
    left join candidates
        on
            topic_keys.contest_id = candidates.contest_id
            and topic_keys.candidate_id = candidates.candidate_id
)

select * from described
