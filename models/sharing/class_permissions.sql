-- Grain: one row per audience and class of rows that are its own or that some rule in force shows to it, with the latest
-- contact date at which a row is shown in each form.
--
-- Rules differ only in embargo, attribution and precision once they match, so the most generous form of any row follows
-- from four days: shown if contact_on <= shown_until, named if contact_on <= named_until, and so on. Null: never.
with

audiences as (
    select distinct
        audience_id,
        audience_no,
        own_partner_id,
        states,
        min(partner_id) over (partition by audience_id) as recipient_id
    from {{ ref('audiences') }}
),

rule_parties as (
    select * from {{ ref('rule_parties') }}
),

row_classes as (
    select * from {{ ref('row_classes') }}
),

today as (
    select * from {{ ref('today') }}
),

matched as (
    select
        audiences.audience_id,
        audiences.audience_no,
        row_classes.class_no,
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

received as (
    select
        audience_id,
        audience_no,
        class_no,
        false as is_own,
        max(shown_until) as shown_until,
        max(shown_until) filter (where attribution = 'named') as named_until,
        max(shown_until) filter (where date_precision = 'day') as day_until,
        max(shown_until) filter (where date_precision in ('day', 'month')) as month_until
    from matched
    group by audience_id, audience_no, class_no
    having bool_and(effect = 'share')
),

-- always its own contributions, exact and named, whatever its states
own as (
    select
        audiences.audience_id,
        audiences.audience_no,
        row_classes.class_no,
        true as is_own,
        'infinity'::date as shown_until,
        'infinity'::date as named_until,
        'infinity'::date as day_until,
        'infinity'::date as month_until
    from audiences
    inner join row_classes on audiences.own_partner_id = row_classes.partner_id
),

class_permissions as (
    select * from received
    union all
    select * from own
)

select * from class_permissions
