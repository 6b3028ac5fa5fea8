-- Grain: one row per sharing rule in force today + contributor + recipient it is about (never the same partner twice).
with

partners as (
    select
        partner_id,
        side
    from {{ ref('partners') }}
),

feeds as (
    select * from {{ ref('feeds') }}
),

partner_groups as (
    select * from {{ ref('partner_groups') }}
),

rules as (
    select * from {{ ref('sharing_rules') }}
),

today as (
    select * from {{ ref('today') }}
),

parties as (
    select partner_id from partners
    union
    select partner_id from feeds
),

-- what a rule may write in `contributor` and `recipient`, and which partners it means
names as (
    select
        '*' as party,
        partner_id
    from parties
    union all
    select
        partner_id as party,
        partner_id
    from parties
    union all
    select
        'group:all' as party,
        partner_id
    from parties where partner_id <> 'exchange'
    union all
    select
        'group:' || side as party,
        partner_id
    from partners where side is not null and partner_id <> 'exchange'
    union all
    select
        'group:' || group_id as party,
        partner_id
    from partner_groups
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
    inner join names as contributors on rules.contributor = contributors.party
    inner join names as recipients on rules.recipient = recipients.party
    cross join today
    where
        contributors.partner_id <> recipients.partner_id
        and today.today >= coalesce(rules.valid_from, '-infinity')
        and today.today <= coalesce(rules.valid_until, 'infinity')
)

select distinct * from rule_parties
