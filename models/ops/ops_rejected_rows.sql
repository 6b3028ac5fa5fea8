-- Grain: one row per record of a loaded file that could not be read as a record of its format.
with

rejected_rows as (
    select * from {{ source('intake', 'rejected_row') }}
),

files as (
    select * from {{ source('intake', 'file') }}
),

rejected as (
    select
        files.partner_id,
        files.feed_id,
        files.file_name,
        rejected_rows.line_number,
        rejected_rows.reason,
        rejected_rows.what_to_do,
        -- bytes that are no UTF-8 text are shown escaped, as Postgres prints a bytea
        encode(substring(rejected_rows.raw_bytes from 1 for 2000), 'escape') as line_text,
        files.file_id
    from rejected_rows
    inner join files on rejected_rows.file_id = files.file_id
)

select * from rejected
