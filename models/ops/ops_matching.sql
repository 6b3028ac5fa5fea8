-- Grain: one row per feed + match_status + match_method: how many of the feed's identities and live lines ended this way.
-- Lines that say nothing about their person have no identity: 0 identities, unmatched by none.
with

files as (
    select * from {{ ref('stg_files') }}
),

counted as (
    select * from {{ ref('int_contact_lines__counted') }}
    where match_status <> ''
),

matches as (
    select * from {{ source('matching', 'matches') }}
),

lines as (
    select
        files.partner_id,
        files.feed_id,
        counted.match_status,
        counted.match_method,
        sum(counted.line_count)::int as line_count
    from counted
    inner join files on counted._file_id = files.file_id
    group by files.partner_id, files.feed_id, counted.match_status, counted.match_method
),

identities as (
    select
        feed_id,
        status,
        method,
        count(*)::int as identity_count
    from matches
    group by feed_id, status, method
),

matching as (
    select
        lines.partner_id,
        lines.feed_id,
        lines.match_status,
        lines.match_method,
        coalesce(identities.identity_count, 0) as identity_count,
        lines.line_count
    from lines
    left join identities
        on
            lines.feed_id = identities.feed_id
            and lines.match_status = identities.status
            and lines.match_method = identities.method
)

select * from matching
