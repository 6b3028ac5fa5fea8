-- Grain: one row per audience + person + question + contest + candidate, as its partners read it.
with

winning as (
    select * from {{ ref('winning_responses') }}
),

persons as (
    select * from {{ ref('audience_persons') }}
),

visible_contacts as (
    select * from {{ ref('visible_contacts') }}
    where is_listed
),

answers as (
    select * from {{ ref('answers') }}
),

voter_responses as (
    select
        winning.audience_id,
        winning.voter_id,
        persons.person_id,
        winning.state,
        winning.question_code,
        winning.office_level,
        winning.contest_id,
        winning.candidate_id,
        winning.answer_code,
        answers.answer_label,
        winning.shown_from as responded_from,
        winning.shown_until as responded_until,
        winning.channel,
        winning.contributor,
        winning.is_own,
        winning.answers_disagree,
        winning.on_ballot,
        visible_contacts.contact_id
    from winning
    inner join persons
        on
            winning.audience_id = persons.audience_id
            and winning.voter_id = persons.voter_id
    left join answers
        on
            winning.question_code = answers.question_code
            and winning.answer_code = answers.answer_code
    left join visible_contacts
        on
            winning.audience_id = visible_contacts.audience_id
            and winning.contact_id = visible_contacts.contact_id
            -- only where both are shown in the same form: else one would unmask the other's contributor or day
            and winning.contributor is not distinct from visible_contacts.contributor
            and winning.date_precision = visible_contacts.listed_precision
)

select * from voter_responses
