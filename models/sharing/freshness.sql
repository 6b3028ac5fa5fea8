-- Grain: one row per audience + kind of source it can see: its own feeds by format, other partners' rows by channel.
-- Computed from visible rows only; publish adds when the audience's data last changed.
with

audiences as (
    select distinct
        audience_id,
        own_partner_id
    from {{ ref('audiences') }}
),

feed_status as (
    select * from {{ ref('ops_feed_status') }}
),

listed_contacts as (
    select * from {{ ref('visible_contacts') }}
    where is_listed and not is_own
),

visible_responses as (
    select * from {{ ref('visible_responses') }}
    where not is_own
),

today as (
    select * from {{ ref('today') }}
),

own as (
    select
        audiences.audience_id,
        feed_status.file_format as source_kind,
        true as is_own,
        max(feed_status.newest_contact_on) as newest_data_on,
        min(feed_status.expected_every_hours)::int as target_hours,
        bool_and(feed_status.is_on_time) as is_on_time
    from audiences
    inner join feed_status on audiences.own_partner_id = feed_status.partner_id
    group by audiences.audience_id, feed_status.file_format
),

visible as (
    select
        audience_id,
        channel,
        listed_until as shown_until
    from listed_contacts
    union all
    select
        audience_id,
        channel,
        shown_until
    from visible_responses
),

-- other partners promise nothing to this one: a week is what a list of contacts is good for
others as (
    select
        visible.audience_id,
        visible.channel as source_kind,
        false as is_own,
        max(visible.shown_until) as newest_data_on,
        168 as target_hours,
        max(visible.shown_until) >= min(today.today) - 7 as is_on_time
    from visible
    cross join today
    group by visible.audience_id, visible.channel
),

freshness as (
    select * from own
    union all
    select * from others
)

select * from freshness
