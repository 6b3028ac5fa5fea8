-- Grain: one row per contributor + profile + question + span of contact dates, within a month, that each audience sees alike: how
-- many answers. A month is one span unless some rule's embargo ends in it: then each of its days is.
with

response_days as (
    select * from {{ ref('response_days') }}
),

row_profiles as (
    select * from {{ ref('row_profiles') }}
    where subject = 'responses'
),

entitlements as (
    select * from {{ ref('entitlements') }}
),

topics as (
    select * from {{ ref('dim_topics') }}
),

divided_months as (
    select distinct
        entitlements.profile_no,
        date_trunc('month', ends.until_on)::date as month_on
    from entitlements
    cross join lateral (values (entitlements.shown_until), (entitlements.day_until), (entitlements.month_until)) as ends (until_on)
    where isfinite(ends.until_on)
),

profiled as (
    select
        row_profiles.partner_no,
        row_profiles.profile_no,
        topics.question_code,
        case
            when divided_months.month_on is not null then response_days.contact_on
            else date_trunc('month', response_days.contact_on)::date
        end as contact_on,
        response_days.response_count,
        response_days.shown_count
    from response_days
    inner join row_profiles
        on
            response_days.partner_no = row_profiles.partner_no
            and response_days.topic_id = row_profiles.topic_id
            and response_days.channel_no = row_profiles.channel_no
            and response_days.state = row_profiles.state
    inner join topics on response_days.topic_id = topics.topic_id
    left join divided_months
        on
            row_profiles.profile_no = divided_months.profile_no
            and date_trunc('month', response_days.contact_on)::date = divided_months.month_on
),

spans as (
    select
        partner_no,
        profile_no,
        question_code,
        contact_on,
        sum(response_count)::int as given_count,
        sum(shown_count)::int as shown_count
    from profiled
    group by partner_no, profile_no, question_code, contact_on
)

select * from spans
