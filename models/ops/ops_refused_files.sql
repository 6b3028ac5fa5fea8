-- Grain: one row per feed + file contents that were refused as a whole and never loaded since, or came again after they
-- were withdrawn.
with

refused_files as (
    select * from {{ source('intake', 'refused_file') }}
),

files as (
    select * from {{ source('intake', 'file') }}
),

newest as (
    select max(refresh_id) as refresh_id from {{ source('intake', 'refresh') }}
),

refused as (
    select distinct on (refused_files.feed_id, refused_files.file_name, refused_files.sha256)
        refused_files.feed_id,
        refused_files.partner_id,
        refused_files.file_name,
        refused_files.sha256,
        -- refused again at every refresh while it lies in the inbox: the first time is what happened
        min(refused_files.refused_at) over (
            partition by refused_files.feed_id, refused_files.file_name, refused_files.sha256
        ) as first_refused_at,
        refused_files.line as line_number,
        refused_files.problem,
        refused_files.remedy as what_to_do
    from refused_files
    cross join newest
    left join files
        on
            refused_files.feed_id = files.feed_id
            and refused_files.sha256 = files.sha256
    -- what could not even be read has no digest and leaves no trace once it is mended
    where
        (files.file_id is null or files.withdrawn_at < refused_files.refused_at)
        and (refused_files.sha256 is not null or refused_files.refresh_id = newest.refresh_id)
    order by refused_files.feed_id asc, refused_files.file_name asc, refused_files.sha256 asc, refused_files.refresh_id desc
)

select * from refused
