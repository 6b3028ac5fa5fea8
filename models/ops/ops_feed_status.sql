-- Grain: one row per feed of the registry: when it delivered last, how old its newest contact is, and whether it is
-- on time.
with

feeds as (
    select * from {{ ref('feeds') }}
),

files as (
    select * from {{ ref('ops_row_reconciliation') }}
    -- what was taken back brings nothing on time
    where withdrawn_at is null
),

contact_lines as (
    select
        files.feed_id,
        max(counted.newest_contact_on) as newest_contact_on
    from {{ ref('int_contact_lines__counted') }} as counted
    inner join files on counted._file_id = files.file_id
    group by files.feed_id
),

refresh as (
    select as_of from {{ source('intake', 'refresh') }}
    order by refresh_id desc
    limit 1
),

delivered as (
    select
        feed_id,
        count(*)::int as file_count,
        max(received_at) as last_file_at
    from files
    group by feed_id
),

status as (
    select
        feeds.feed_id,
        feeds.partner_id,
        feeds.file_format,
        coalesce(delivered.file_count, 0) as file_count,
        delivered.last_file_at,
        contact_lines.newest_contact_on,
        feeds.expected_every_hours,
        -- nothing promised: nothing can be late
        feeds.expected_every_hours is null
        or coalesce(
            delivered.last_file_at >= refresh.as_of - feeds.expected_every_hours * interval '1 hour', false
        ) as is_on_time
    from feeds
    cross join refresh
    left join delivered on feeds.feed_id = delivered.feed_id
    left join contact_lines on feeds.feed_id = contact_lines.feed_id
)

select * from status
