-- Grain: one row per snapshot feed + slice (a county; null: the whole feed): the file that holds all live rows of it.
with

feeds as (
    select * from {{ ref('feeds') }}
),

files as (
    select * from {{ source('intake', 'file') }}
),

file_slices as (
    select * from {{ source('intake', 'file_slice') }}
),

whole_feeds as (
    select * from {{ ref('int_feeds__newest_snapshot') }}
),

newest_slices as (
    select
        files.feed_id,
        file_slices.slice,
        max(files.file_id) as newest_file_id
    from file_slices
    inner join files on file_slices.file_id = files.file_id
    inner join feeds on files.feed_id = feeds.feed_id
    where feeds.coverage = 'snapshot'
    group by files.feed_id, file_slices.slice
),

newest as (
    select
        feed_id,
        null::text as slice,
        newest_file_id
    from whole_feeds
    union all
    select
        feed_id,
        slice,
        newest_file_id
    from newest_slices
)

select * from newest
