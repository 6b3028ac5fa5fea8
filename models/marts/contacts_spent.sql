-- Grain: one row per partner + month + channel: contacts, and how many of them the partners would have spared one another.
{{ config(
    materialized='incremental',
    unique_key=['partner_no', 'month_on', 'channel_no'],
    meta={'keys': ['partner_no', 'month_on'], 'touched_by': {'spent_by_contact': ['partner_no', 'month_on']}},
) }}

with

spent as (
    select * from {{ ref('spent_by_contact') }}
    where {{ touched('partner_no, month_on') }}
),

summed as (
    select
        partner_no,
        month_on,
        channel_no,
        count(*)::int as attempt_count,
        (count(*) filter (where had_answered_us))::int as answered_us_count,
        (count(*) filter (where had_answered_any))::int as answered_any_count,
        (count(*) filter (where had_voted))::int as voted_count,
        (count(*) filter (where was_suppressed))::int as suppressed_count,
        (count(*) filter (where had_answered_any or had_voted or was_suppressed))::int as avoidable_count,
        (count(*) filter (where is_duplicate))::int as duplicate_count
    from spent
    group by partner_no, month_on, channel_no
)

select * from summed
