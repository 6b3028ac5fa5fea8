-- Grain: one row per audience + touched person + question + contest + candidate, as its partners read it.
with

winning as (
    select * from {{ ref('winning_responses') }}
),

audiences as (
    select distinct
        audience_id,
        naming_no
    from {{ ref('audiences') }}
),

persons as (
    select * from {{ ref('persons') }}
),

listed_contacts as (
    select * from {{ ref('visible_contacts') }}
    where is_listed
),

topics as (
    select * from {{ ref('dim_topics') }}
),

answers as (
    select * from {{ ref('answers') }}
),

channels as (
    select * from {{ ref('channels') }}
),

partners as (
    select * from {{ ref('dim_partners') }}
),

voter_responses as (
    select
        winning.audience_id,
        winning.voter_id,
        persons.person_id,
        winning.state,
        topics.question_code,
        topics.office_level,
        topics.contest_id,
        topics.candidate_id,
        winning.answer_code,
        answers.answer_label,
        {{ window_start('winning.contact_on', 'winning.date_precision') }} as responded_from,
        {{ window_end('winning.contact_on', 'winning.date_precision') }} as responded_until,
        channels.channel,
        case when winning.is_named then partners.partner_id end as contributor,
        winning.is_own,
        winning.answers_disagree,
        winning.on_ballot,
        listed_contacts.contact_id
    from winning
    inner join audiences on winning.audience_id = audiences.audience_id
    inner join persons
        on
            audiences.naming_no = persons.naming_no
            and winning.voter_id = persons.voter_id
    inner join topics on winning.topic_id = topics.topic_id
    inner join channels on winning.channel_no = channels.channel_no
    inner join partners on winning.partner_no = partners.partner_no
    left join answers
        on
            topics.question_code = answers.question_code
            and winning.answer_code = answers.answer_code
    left join listed_contacts
        on
            winning.audience_id = listed_contacts.audience_id
            and winning.contact_id = listed_contacts.contact_id
            -- only where both are shown in the same form: else one would unmask the other's contributor or day
            and winning.is_named = listed_contacts.is_named
            and winning.date_precision = listed_contacts.listed_precision
)

select * from voter_responses
