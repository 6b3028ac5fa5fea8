-- Grain: one row per name that a rule or a limit may write (an id, group:<id>, *) + partner that it means.
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

parties as (
    select partner_id from partners
    union
    select partner_id from feeds
),

party_members as (
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
)

select * from party_members
