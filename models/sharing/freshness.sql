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

days as (
    select
        'responses' as subject,
        partner_no,
        topic_id,
        channel_no,
        state,
        contact_on
    from {{ ref('response_days') }}
    union all
    select
        'contacts' as subject,
        partner_no,
        null::smallint as topic_id,
        channel_no,
        state,
        contact_on
    from {{ ref('contact_days') }}
),

row_profiles as (
    select * from {{ ref('row_profiles') }}
),

permissions as (
    select * from {{ ref('permissions') }}
    where not is_own
),

channels as (
    select * from {{ ref('channels') }}
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

profile_days as (
    select distinct
        row_profiles.profile_no,
        channels.channel,
        days.contact_on
    from days
    inner join row_profiles
        on
            days.subject = row_profiles.subject
            and days.partner_no = row_profiles.partner_no
            and days.topic_id is not distinct from row_profiles.topic_id
            and days.channel_no = row_profiles.channel_no
            and days.state = row_profiles.state
    inner join channels on days.channel_no = channels.channel_no
),

visible as (
    select
        permissions.audience_id,
        profile_days.channel,
        {{ window_end('profile_days.contact_on', shown_precision('profile_days.contact_on')) }} as shown_until
    from profile_days
    inner join permissions
        on
            profile_days.profile_no = permissions.profile_no
            and profile_days.contact_on <= permissions.shown_until
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
