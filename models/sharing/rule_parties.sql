-- Grain: one row per sharing rule in force today + contributor + recipient it is about (never the same partner twice).
with

party_members as (
    select * from {{ ref('party_members') }}
),

rules as (
    select * from {{ ref('sharing_rules') }}
),

today as (
    select * from {{ ref('today') }}
),

rule_parties as (
    select
        rules.rule_id,
        rules.effect,
        contributors.partner_id as contributor_id,
        recipients.partner_id as recipient_id,
        rules.subject,
        rules.question_code,
        rules.office_level,
        rules.state,
        rules.channel,
        coalesce(rules.embargo_days, 0) as embargo_days,
        rules.attribution,
        rules.date_precision
    from rules
    inner join party_members as contributors on rules.contributor = contributors.party
    inner join party_members as recipients on rules.recipient = recipients.party
    cross join today
    where
        contributors.partner_id <> recipients.partner_id
        and today.today >= coalesce(rules.valid_from, '-infinity')
        and today.today <= coalesce(rules.valid_until, 'infinity')
)

select distinct * from rule_parties
