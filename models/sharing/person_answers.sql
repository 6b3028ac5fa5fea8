-- Grain: one row per audience + voter with a visible answer: the newest support for each office on the voter's ballot, and
-- the newest answer to each question about the person.
{% set offices = ['president', 'us_senate', 'us_house', 'governor', 'state_senate', 'state_house', 'county', 'municipal'] %}
{% set person_questions = ['vote_by_mail_comfort', 'postal_service_trust', 'turnout_intent', 'vote_method_plan'] %}

with

winning as (
    select * from {{ ref('winning_responses') }}
),

support as (
    select distinct on (audience_id, voter_id, office_level)
        audience_id,
        voter_id,
        office_level,
        answer_code,
        candidate_id
    from winning
    where question_code = 'candidate_support' and on_ballot
    order by audience_id asc, voter_id asc, office_level asc, {{ newest_answer_first() }}
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
        audience_id,
        voter_id,
    {% for question in person_questions %}
        max(answer_code) filter (where question_code = '{{ question }}') as {{ question }}{{ ',' if not loop.last }}
    {% endfor %}
    from winning
    where contest_id is null
    group by audience_id, voter_id
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
