-- Grain: one row per audience + voter + question + contest + candidate: the newest answer among those the audience may
-- see. Ranking after filtering is what keeps a hidden answer from showing as a gap (non-interference).
with

visible as (
    select * from {{ ref('visible_responses') }}
),

disagreeing as (
    select
        audience_id,
        voter_id,
        question_code,
        contest_id,
        candidate_id,
        count(distinct answer_code) > 1 as answers_disagree
    from visible
    group by audience_id, voter_id, question_code, contest_id, candidate_id
),

newest as (
    select distinct on (visible.audience_id, visible.voter_id, visible.question_code, visible.contest_id, visible.candidate_id) visible.*
    from visible
    order by
        visible.audience_id asc,
        visible.voter_id asc,
        visible.question_code asc,
        visible.contest_id asc,
        visible.candidate_id asc,
        {{ newest_answer_first() }}
),

winning as (
    select
        newest.*,
        disagreeing.answers_disagree
    from newest
    inner join disagreeing
        on
            newest.audience_id = disagreeing.audience_id
            and newest.voter_id = disagreeing.voter_id
            and newest.question_code = disagreeing.question_code
            and newest.contest_id is not distinct from disagreeing.contest_id
            and newest.candidate_id is not distinct from disagreeing.candidate_id
)

select * from winning
