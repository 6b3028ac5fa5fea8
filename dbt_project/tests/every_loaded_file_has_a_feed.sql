-- A feed taken out of the registry would silently take its rows out of every view. Rows leave by withdrawal only: put
-- the feed back (its location may be empty), or withdraw the contribution.
select
    files.file_id,
    files.feed_id,
    files.file_name
from {{ source('intake', 'file') }} as files
left join {{ ref('feeds') }} as feeds on files.feed_id = feeds.feed_id
where feeds.feed_id is null and files.withdrawn_at is null
