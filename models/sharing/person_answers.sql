-- Grain: one row per audience + touched voter with a visible answer: the newest support for each office on the voter's ballot, and
-- the newest answer to each question about the person.
{% set offices = ['president', 'us_senate', 'us_house', 'governor', 'state_senate', 'state_house', 'county', 'municipal'] %}
{% set person_questions = ['vote_by_mail_comfort', 'postal_service_trust', 'turnout_intent', 'vote_method_plan'] %}

with

winning as (
    select * from {{ ref('winning_responses') }}
),

topics as (
    select * from {{ ref('dim_topics') }}
),

support as (
    select distinct on (winning.audience_id, winning.voter_id, topics.office_level)
        winning.audience_id,
        winning.voter_id,
        topics.office_level,
        winning.answer_code,
        topics.candidate_id
    from winning
    inner join topics on winning.topic_id = topics.topic_id
    where topics.question_code = 'candidate_support' and winning.on_ballot
    order by winning.audience_id asc, winning.voter_id asc, topics.office_level asc, {{ newest_answer_first() }}
),

support_by_office as (
    select
        audience_id,
        voter_id,
    {% for office in offices %}
        max(answer_code) filter (where office_level = '{{ office }}') as support_{{ office }},
        max(candidate_id) filter (where office_level = '{{ office }}') as support_{{ office }}_candidate{{ ',' if not loop.last }}
    {% endfor %}
    from support
    group by audience_id, voter_id
),

answers_by_person as (
    select
        winning.audience_id,
        winning.voter_id,
    {% for question in person_questions %}
        max(winning.answer_code) filter (where topics.question_code = '{{ question }}') as {{ question }}{{ ',' if not loop.last }}
    {% endfor %}
    from winning
    inner join topics on winning.topic_id = topics.topic_id
    where topics.contest_id is null
    group by winning.audience_id, winning.voter_id
),

person_answers as (
    select
        coalesce(support_by_office.audience_id, answers_by_person.audience_id) as audience_id,
        coalesce(support_by_office.voter_id, answers_by_person.voter_id) as voter_id,
        {% for office in offices %}
            support_by_office.support_{{ office }},
            support_by_office.support_{{ office }}_candidate,
        {% endfor %}
    {% for question in person_questions %}
        answers_by_person.{{ question }}{{ ',' if not loop.last }}
    {% endfor %}
    from support_by_office
    full outer join answers_by_person
        on
            support_by_office.audience_id = answers_by_person.audience_id
            and support_by_office.voter_id = answers_by_person.voter_id
)

select * from person_answers
