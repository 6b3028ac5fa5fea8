-- Grain: one row per organization that has a feed or ever delivered a file: its own rows stay its own when its last feed goes.
with

feeds as (
    select * from {{ ref('feeds') }}
),

files as (
    select * from {{ source('intake', 'file') }}
),

contributors as (
    select partner_id from feeds
    union
    select partner_id from files
)

select * from contributors
