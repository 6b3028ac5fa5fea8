-- Grain: one row per active partner, with the audience it belongs to. Partners with the same rules, limits, states, id namespace
-- and voter fields form one audience; a partner that contributes has one of its own, because it sees its own rows as such.
with

partners as (
    select * from {{ ref('partners') }}
    where is_active and partner_id <> 'exchange'
),

rules as (
    select * from {{ ref('sharing_rules') }}
),

rule_parties as (
    select * from {{ ref('rule_parties') }}
),

giving_limits as (
    select * from {{ ref('giving_limits') }}
),

contributors as (
    select * from {{ ref('contributors') }}
),

-- what it receives, and from whom. What it gives decides nothing but the terms it reads, and a contributor has terms of its own.
rules_of_partner as (
    select
        rule_parties.recipient_id as partner_id,
        concat('<', rule_parties.contributor_id, rules::text) as rule
    from rule_parties
    inner join rules on rule_parties.rule_id = rules.rule_id
    inner join contributors on rule_parties.contributor_id = contributors.partner_id
    union
    select
        rule_parties.contributor_id as partner_id,
        concat('>', rules::text) as rule
    from rule_parties
    inner join rules on rule_parties.rule_id = rules.rule_id
    where rule_parties.contributor_id not in (select contributors.partner_id from contributors)
),

rules_together as (
    select
        partner_id,
        string_agg(rule, '' order by rule collate "C") as rules -- noqa: RF02
    from rules_of_partner
    group by partner_id
),

-- what it gave is not in here: who gives is alone in its audience, and others gave nothing
limits_together as (
    select
        partner_id,
        not bool_and(is_met) as is_below_limit,
        concat(
            'give_to_get ',
            not bool_and(is_met),
            string_agg(concat_ws(' ', '', window_days, min_answers), ',' order by window_days)
        ) as limits
    from giving_limits
    group by partner_id
),

id_key as (
    select id_key from {{ source('intake', 'refresh') }}
    order by refresh_id desc
    limit 1
),

described as (
    select
        partners.*,
        contributors.partner_id as own_partner_id,
        coalesce(limits_together.is_below_limit, false) as is_below_limit,
        -- keyed: partition names are visible in the catalogs, and rules could be guessed and tried
        md5(
            concat_ws(
                '|',
                id_key.id_key,
                coalesce(contributors.partner_id, ''),
                partners.states,
                coalesce(partners.id_namespace, ''),
                coalesce(partners.id_scope, ''),
                partners.voter_fields,
                coalesce(rules_together.rules, ''),
                limits_together.limits
            )
        ) as permission_key
    from partners
    cross join id_key
    left join contributors on partners.partner_id = contributors.partner_id
    left join rules_together on partners.partner_id = rules_together.partner_id
    left join limits_together on partners.partner_id = limits_together.partner_id
),

identified as (
    select
        described.*,
        -- an integer that stays the same as long as the permissions do, in every rebuild
        ('x' || left(described.permission_key, 8))::bit(32)::int & 2147483647 as audience_id
    from described
),

audiences as (
    select
        partner_id,
        audience_id,
        -- numbers of this build: the audience's bit in sets of audiences, the way its persons are named
        (dense_rank() over (order by audience_id))::int as audience_no,
        (dense_rank() over (order by id_namespace, id_scope))::int as naming_no,
        not audience_id = any({{ published_audiences() }}) as is_fresh,
        share_schema,
        states,
        id_namespace,
        id_scope,
        voter_fields,
        own_partner_id,
        is_below_limit,
        permission_key
    from identified
)

select * from audiences
