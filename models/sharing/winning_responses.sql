-- Grain: one row per audience + voter + question + contest + candidate: the newest answer among those the audience may
-- see. Ranking after filtering is what keeps a hidden answer from showing as a gap (non-interference).
with

visible as (
    select * from {{ ref('visible_responses') }}
),

ranked as (
    select
        visible.*,
        min(visible.answer_code) over same_key <> max(visible.answer_code) over same_key as answers_disagree,
        row_number() over (same_key order by {{ newest_answer_first() }}) as answer_rank
    from visible
    window same_key as (partition by audience_id, voter_id, question_code, contest_id, candidate_id)
),

winning as (
    select
        ranked.audience_id,
        {{ response_columns('ranked') }},
        ranked.contributor,
        ranked.is_own,
        ranked.date_precision,
        ranked.shown_from,
        ranked.shown_until,
        ranked.answers_disagree
    from ranked
    where ranked.answer_rank = 1
)

select * from winning
