-- Grain: one row per snapshot feed that delivered: the file that holds all its live rows.
with

feeds as (
    select * from {{ ref('feeds') }}
),

files as (
    select * from {{ source('intake', 'file') }}
),

newest_snapshot as (
    select
        feeds.feed_id,
        max(files.file_id) as newest_file_id
    from feeds
    inner join files on feeds.feed_id = files.feed_id
    where feeds.coverage = 'snapshot'
    group by feeds.feed_id
)

select * from newest_snapshot
