-- Grain: one row per voter + topic + refresh from which the exchange knew this answer to be the newest live one. What a publication
-- of refresh n was made of: known_from_refresh <= n and (known_until_refresh is null or known_until_refresh > n).
{{ config(materialized='view') }}

with

versions as (
    select * from {{ ref('response_versions') }}
),

refreshes as (
    select * from {{ source('intake', 'refresh') }}
),

files as (
    select * from {{ source('intake', 'file') }}
),

history as (
    select
        versions.voter_id,
        versions.topic_id,
        versions.known_from_refresh,
        versions.known_until_refresh,
        opening.as_of as known_from,
        closing.as_of as known_until,
        versions.answer_code,
        versions.contacted_at,
        versions.contact_on,
        versions.feed_no,
        versions.partner_no,
        versions.channel_no,
        versions.record_id,
        versions.on_ballot,
        versions.response_count,
        versions.partner_count,
        versions.first_asked_on,
        versions.last_asked_on,
        versions.answers_disagree,
        versions.file_id
    from versions
    inner join refreshes as opening on versions.known_from_refresh = opening.refresh_id
    left join refreshes as closing on versions.known_until_refresh = closing.refresh_id
    inner join files on versions.file_id = files.file_id
    -- from the withdrawal on, not only from the refresh after it, which erases the versions
    where files.withdrawn_at is null
)

select * from history
