-- Grain: one row per audience and class of other partners' rows (contributor, subject, question, office level, state,
-- channel) that some rule in force shows to it, with the latest contact date at which a row is shown in each form.
--
-- Rules differ only in embargo, attribution and precision once they match, so the most generous form of any row follows
-- from four days: shown if contact_on <= shown_until, named if contact_on <= named_until, and so on. Null: never.
with

audiences as (
    select distinct
        audience_id,
        states,
        min(partner_id) over (partition by audience_id) as recipient_id
    from {{ ref('audiences') }}
),

rule_parties as (
    select * from {{ ref('rule_parties') }}
),

today as (
    select * from {{ ref('today') }}
),

responses as (
    select * from {{ ref('responses_described') }}
),

contacts as (
    select * from {{ ref('contacts_described') }}
),

row_classes as (
    select distinct
        'responses' as subject,
        partner_id,
        question_code,
        coalesce(office_level, '') as office_level,
        state,
        channel
    from responses
    union all
    select distinct
        'contacts' as subject,
        partner_id,
        '' as question_code,
        '' as office_level,
        state,
        channel
    from contacts
),

matched as (
    select
        audiences.audience_id,
        row_classes.subject,
        row_classes.partner_id,
        row_classes.question_code,
        row_classes.office_level,
        row_classes.state,
        row_classes.channel,
        rule_parties.effect,
        rule_parties.attribution,
        rule_parties.date_precision,
        -- an embargo of more than 100 years is for ever, and a date must stay a date
        today.today - least(rule_parties.embargo_days, 36500) as shown_until
    from audiences
    inner join rule_parties on audiences.recipient_id = rule_parties.recipient_id
    inner join row_classes
        on
            rule_parties.contributor_id = row_classes.partner_id
            and rule_parties.subject in (row_classes.subject, '*')
            and rule_parties.question_code in (row_classes.question_code, '*')
            and rule_parties.office_level in (row_classes.office_level, '*')
            and rule_parties.state in (row_classes.state, '*')
            and rule_parties.channel in (row_classes.channel, '*')
    cross join today
    where audiences.states = '*' or row_classes.state = any(string_to_array(audiences.states, ' '))
),

permissions as (
    select
        audience_id,
        subject,
        partner_id,
        question_code,
        office_level,
        state,
        channel,
        max(shown_until) as shown_until,
        max(shown_until) filter (where attribution = 'named') as named_until,
        max(shown_until) filter (where date_precision = 'day') as day_until,
        max(shown_until) filter (where date_precision in ('day', 'month')) as month_until
    from matched
    group by audience_id, subject, partner_id, question_code, office_level, state, channel
    having bool_and(effect = 'share')
)

select * from permissions
