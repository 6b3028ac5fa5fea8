-- Grain: one row per snapshot feed that delivered: the file that holds all its live rows.
{{ config(
    materialized='incremental',
    unique_key=['feed_id'],
    meta={'keys': [], 'touched_by': {'stg_files': none}, 'tells': ['feed_id', 'newest_file_id']},
) }}

with

files as (
    select * from {{ ref('stg_files') }}
    where coverage = 'snapshot'
),

newest_snapshot as (
    select
        feed_id,
        max(file_id) as newest_file_id
    from files
    group by feed_id
)

select * from newest_snapshot
where {{ touched() }}
