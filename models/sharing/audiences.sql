-- Grain: one row per active partner, with the audience it belongs to. Partners with the same rules, states, id namespace
-- and voter fields form one audience; a partner that contributes has one of its own, because it sees its own rows as such.
with

partners as (
    select * from {{ ref('partners') }}
    where is_active and partner_id <> 'exchange'
),

feeds as (
    select * from {{ ref('feeds') }}
),

rule_parties as (
    select * from {{ ref('rule_parties') }}
),

-- as recipient and as contributor: the terms a partner reads are part of its audience's data
rules_of_partner as (
    select
        partners.partner_id,
        string_agg(
            distinct case when partners.partner_id = rule_parties.recipient_id then '<' else '>' end || rule_parties.rule_id,
            ','
        ) as rule_ids
    from partners
    inner join rule_parties on partners.partner_id in (rule_parties.recipient_id, rule_parties.contributor_id)
    group by partners.partner_id
),

-- whoever has a feed or ever delivered: its own rows stay its own when its last feed goes
contributors as (
    select partner_id from feeds
    union
    select partner_id from {{ source('intake', 'file') }}
),

id_key as (
    select id_key from {{ source('intake', 'refresh') }}
    order by refresh_id desc
    limit 1
),

described as (
    select
        partners.partner_id,
        partners.share_schema,
        partners.states,
        partners.id_namespace,
        partners.id_scope,
        partners.voter_fields,
        contributors.partner_id as own_partner_id,
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
                coalesce(rules_of_partner.rule_ids, '')
            )
        ) as permission_key
    from partners
    cross join id_key
    left join contributors on partners.partner_id = contributors.partner_id
    left join rules_of_partner on partners.partner_id = rules_of_partner.partner_id
),

audiences as (
    select
        partner_id,
        -- an integer that stays the same as long as the permissions do, in every rebuild
        ('x' || left(permission_key, 8))::bit(32)::int & 2147483647 as audience_id,
        share_schema,
        states,
        id_namespace,
        id_scope,
        voter_fields,
        own_partner_id,
        permission_key
    from described
)

select * from audiences
