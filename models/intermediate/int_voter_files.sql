-- Grain: one row per voter feed + slice + file that speaks for it, with the next file that does. slice '' is the whole feed;
-- of a delta feed, whose files say nothing about whom they do not mention, always.
{{ config(
    materialized='incremental',
    unique_key=['feed_id', 'slice', '_file_id'],
    meta={'keys': [], 'touched_by': {'int_voters__delivered': none, 'int_feeds__newest_slice': none, 'stg_files': false}, 'compare': false},
) }}
with

delivered as (
    select * from {{ ref('int_voters__delivered') }}
),

newest_slices as (
    select * from {{ ref('int_feeds__newest_slice') }}
),

files as (
    select * from {{ ref('stg_files') }}
),

feeds as (
    select * from {{ ref('feeds') }}
),

told as (
    select distinct
        delivered.feed_id,
        case when feeds.coverage = 'snapshot' then coalesce(delivered.slice, '') else '' end as slice,
        delivered._file_id
    from delivered
    inner join feeds on delivered.feed_id = feeds.feed_id
),

-- a file speaks for its slices even if no line of it was loaded
spoken as (
    select
        feed_id,
        slice,
        _file_id
    from told
    union
    select
        newest_slices.feed_id,
        told.slice,
        newest_slices.newest_file_id as _file_id
    from newest_slices
    inner join told on newest_slices.feed_id = told.feed_id and newest_slices.slice = coalesce(nullif(told.slice, ''), '*')
    union
    select
        files.feed_id,
        told.slice,
        files.file_id as _file_id
    from files
    inner join told on files.feed_id = told.feed_id and told.slice = ''
    -- a delta file without a line says nothing
    where files.coverage = 'snapshot'
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
where {{ touched() }}
