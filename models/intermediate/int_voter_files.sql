-- Grain: one row per voter feed + slice + file that speaks for it ('' is the whole feed), with the next file that does.
with

delivered as (
    select * from {{ ref('int_voters__delivered') }}
),

files as (
    select * from {{ source('intake', 'file') }}
),

feeds as (
    select * from {{ ref('feeds') }}
),

told as (
    select distinct
        feed_id,
        coalesce(slice, '') as slice,
        _file_id
    from delivered
),

-- a file of a whole feed speaks for it even if no line of it was loaded
spoken as (
    select
        feed_id,
        slice,
        _file_id
    from told
    union
    select
        files.feed_id,
        told.slice,
        files.file_id as _file_id
    from files
    inner join told on files.feed_id = told.feed_id and told.slice = ''
),

followed as (
    select
        spoken.feed_id,
        spoken.slice,
        spoken._file_id,
        lead(spoken._file_id) over (partition by spoken.feed_id, spoken.slice order by spoken._file_id) as next_file_id,
        feeds.coverage = 'snapshot' as is_snapshot
    from spoken
    inner join feeds on spoken.feed_id = feeds.feed_id
)

select * from followed
