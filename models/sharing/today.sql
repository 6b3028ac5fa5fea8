-- Grain: one row: the instant and the UTC day that every rule is judged at.
with

refreshes as (
    select * from {{ source('intake', 'refresh') }}
),

today as (
    select
        as_of,
        (as_of at time zone 'UTC')::date as today
    from refreshes
    order by refresh_id desc
    limit 1
)

select * from today
