-- Grain: one row per snapshot feed + slice (a county; '*': the whole feed): the file that holds all live rows of it.
{{ config(
    materialized='incremental',
    unique_key=['feed_id', 'slice'],
    meta={'keys': [], 'touched_by': {'int_feeds__newest_snapshot': none, 'stg_files': none}, 'tells': ['feed_id', 'slice']},
) }}
with

files as (
    select * from {{ ref('stg_files') }}
    where coverage = 'snapshot'
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
    group by files.feed_id, file_slices.slice
),

newest as (
    select
        feed_id,
        '*' as slice,
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
where {{ touched() }}
