-- Grain: one row per feed + match_status + match_method: how many of the feed's identities and live lines ended this way.
-- Lines that say nothing about their person have no identity: 0 identities, unmatched by none.
with

feeds as (
    select * from {{ ref('feeds') }}
),

-- a line may tell several facts
lines as (
    select distinct
        feed_id,
        identity_key,
        match_status,
        match_method,
        _file_id,
        _row_number
    from {{ ref('int_contact_lines__resolved') }}
),

matching as (
    select
        feeds.partner_id,
        lines.feed_id,
        lines.match_status,
        lines.match_method,
        count(distinct lines.identity_key)::int as identity_count,
        count(*)::int as line_count
    from lines
    inner join feeds on lines.feed_id = feeds.feed_id
    group by feeds.partner_id, lines.feed_id, lines.match_status, lines.match_method
)

select * from matching
