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

response_days as (
    select * from {{ ref('response_days') }}
),

contact_days as (
    select * from {{ ref('contact_days') }}
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

windows as (
    select distinct
        profile_no,
        shown_until
    from permissions
),

-- the newest day of each class until each of the days that rules show it to: found in an index, however many days there are
newest_days as (
    {% for subject, days in [('responses', 'response_days'), ('contacts', 'contact_days')] %}
        select
            windows.profile_no,
            windows.shown_until,
            row_profiles.channel_no,
            max(newest.contact_on) as contact_on
        from windows
        inner join row_profiles on windows.profile_no = row_profiles.profile_no
        inner join lateral (
            select {{ days }}.contact_on
            from {{ days }}
            where
                row_profiles.subject = '{{ subject }}'
                and row_profiles.partner_no = {{ days }}.partner_no
                {% if subject == 'responses' %}and row_profiles.topic_id = {{ days }}.topic_id{% endif %}
                and row_profiles.channel_no = {{ days }}.channel_no
                and row_profiles.state = {{ days }}.state
                and {{ days }}.contact_on <= windows.shown_until
                and {{ days }}.shown_count > 0
            order by {{ days }}.contact_on desc
            limit 1
        ) as newest on true
        group by windows.profile_no, windows.shown_until, row_profiles.channel_no
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- of two days in a window the later one is never shown with an earlier end
visible as (
    select
        permissions.audience_id,
        channels.channel,
        {{ window_end('newest_days.contact_on', shown_precision('newest_days.contact_on')) }} as shown_until
    from newest_days
    inner join permissions
        on
            newest_days.profile_no = permissions.profile_no
            and newest_days.shown_until = permissions.shown_until
    inner join channels on newest_days.channel_no = channels.channel_no
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
