-- Grain: one row per partner + window of days in which it must give answers to receive others' rows: how many, and how many it gave.
with

limits as (
    select * from {{ source('intake', 'give_to_get') }}
),

party_members as (
    select * from {{ ref('party_members') }}
),

partners as (
    select * from {{ ref('dim_partners') }}
),

-- what nobody's sight decides: if what a partner sees counted here, its limit would depend on itself
response_days as (
    select * from {{ ref('response_days') }}
),

today as (
    select * from {{ ref('today') }}
),

-- of several limits with one window the highest holds them all
required as (
    select
        party_members.partner_id,
        limits.window_days,
        max(limits.min_answers) as min_answers
    from limits
    inner join party_members on limits.partner = party_members.party
    group by party_members.partner_id, limits.window_days
),

given as (
    select
        required.partner_id,
        required.window_days,
        required.min_answers,
        coalesce(sum(response_days.response_count), 0)::bigint as given_answers
    from required
    cross join today
    left join partners on required.partner_id = partners.partner_id
    left join response_days
        on
            partners.partner_no = response_days.partner_no
            and today.today - required.window_days < response_days.contact_on
            and today.today >= response_days.contact_on
    group by required.partner_id, required.window_days, required.min_answers
),

giving_limits as (
    select
        partner_id,
        window_days,
        min_answers,
        given_answers,
        given_answers >= min_answers as is_met
    from given
)

select * from giving_limits
