-- Grain: one row per feed ever in the registry, with the number that facts carry instead of its name. A number is given once and
-- kept: this table is never rebuilt.
{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false, on_schema_change='fail') }}

with

feeds as (
    select feed_id from {{ ref('feeds') }}
    union
    select feed_id from {{ source('intake', 'file') }}
),

known as (
    {% if is_incremental() %}
        select
            feed_no,
            feed_id
        from {{ this }}
    {% else %}
        select
            null::smallint as feed_no,
            null::text as feed_id
        where false
    {% endif %}
),

last_no as (
    select coalesce(max(feed_no), 0) as feed_no from known
),

new_keys as (
    select
        (last_no.feed_no + row_number() over (order by feeds.feed_id collate "C"))::smallint as feed_no, -- noqa: RF02
        feeds.feed_id
    from feeds
    cross join last_no
    left join known on feeds.feed_id = known.feed_id
    where known.feed_id is null
)

select * from new_keys
