-- Grain: one row per feed ever in the registry. One that was taken out of it keeps the number, without attributes.
{{ config(
    materialized='incremental',
    unique_key=['feed_no'],
    indexes=[{'columns': ['feed_no'], 'unique': true}],
    meta={'keys': [], 'touched_by': {}, 'tells': ['feed_no']},
) }}

with

feed_keys as (
    select * from {{ ref('int_feed_keys') }}
),

feeds as (
    select * from {{ ref('feeds') }}
),

partner_keys as (
    select * from {{ ref('int_partner_keys') }}
),

tools as (
    select * from {{ ref('tools') }}
),

described as (
    select
        feed_keys.feed_no,
        feed_keys.feed_id,
        partner_keys.partner_no,
        feeds.file_format,
        tools.tool,
        feeds.coverage,
        feeds.timezone
    from feed_keys
    left join feeds on feed_keys.feed_id = feeds.feed_id
    left join partner_keys on feeds.partner_id = partner_keys.partner_id
    left join tools on feeds.file_format = tools.file_format
)

select * from described
