-- Grain: one row per voter + question + contest + candidate: the canonical voter-response mart, the newest live answer
-- of all partners. What a partner sees is reconciled from its own visible rows (sharing), never cut out of this.
with

responses as (
    select * from {{ ref('responses_described') }}
),

newest as (
    select distinct on (voter_id, question_code, contest_id, candidate_id)
        voter_id,
        state,
        question_code,
        contest_id,
        candidate_id,
        office_level,
        answer_code,
        channel,
        contacted_at,
        contact_on,
        partner_id,
        feed_id,
        record_id,
        on_ballot
    from responses
    order by
        voter_id asc,
        question_code asc,
        contest_id asc,
        candidate_id asc,
        {{ newest_answer_first() }}
),

asked as (
    select
        voter_id,
        question_code,
        contest_id,
        candidate_id,
        count(*) as response_count,
        count(distinct partner_id) as partner_count,
        min(contact_on) as first_asked_on,
        max(contact_on) as last_asked_on,
        count(distinct answer_code) > 1 as answers_disagree
    from responses
    group by voter_id, question_code, contest_id, candidate_id
),

current_responses as (
    select
        newest.voter_id,
        newest.state,
        newest.question_code,
        newest.contest_id,
        newest.candidate_id,
        newest.office_level,
        newest.answer_code,
        newest.channel,
        newest.contacted_at,
        newest.contact_on,
        newest.partner_id,
        newest.feed_id,
        newest.record_id,
        newest.on_ballot,
        asked.response_count::int as response_count,
        asked.partner_count::int as partner_count,
        asked.first_asked_on,
        asked.last_asked_on,
        asked.answers_disagree
    from newest
    inner join asked
        on
            newest.voter_id = asked.voter_id
            and newest.question_code = asked.question_code
            and newest.contest_id is not distinct from asked.contest_id
            and newest.candidate_id is not distinct from asked.candidate_id
)

select * from current_responses
