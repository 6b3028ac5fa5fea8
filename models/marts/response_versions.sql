-- Grain: one row per voter + topic + refresh from which the exchange knew this answer: the versions of responses_current.
-- A log: a closed version cannot be computed again, so the table is never rebuilt. A refresh writes its versions from the log
-- as it found it: building twice in one refresh is building once.
{{ config(
    materialized='incremental',
    full_refresh=false,
    on_schema_change='append_new_columns',
    unique_key=['voter_id', 'topic_id', 'known_from_refresh'],
    indexes=[{'columns': ['voter_id', 'topic_id', 'known_from_refresh']}, {'columns': ['file_id']}],
    meta={
        'keys': ['voter_id', 'topic_id'],
        'touched_by': {
            'responses_current': ['voter_id', 'topic_id'],
            'stg_files': {'file_id': 'file_id'},
            'int_contact_lines__resolved': false,
            'dim_feeds': false,
        },
    },
) }}
-- depends_on: {{ ref('stg_files') }}
{% set answer -%}
    voter_id, topic_id, answer_code, contacted_at, contact_on, feed_no, partner_no, channel_no, record_id, on_ballot,
        response_count, partner_count, first_asked_on, last_asked_on, answers_disagree
{%- endset %}
{% set this_refresh = '(select refresh_id from this_refresh)' %}

with

this_refresh as (
    select max(refresh_id) as refresh_id from {{ source('intake', 'refresh') }}
),

withdrawn_files as (
    select file_id from {{ source('intake', 'file') }}
    where withdrawn_at is not null
),

lines as (
    select * from {{ ref('int_contact_lines__resolved') }}
),

feeds as (
    select * from {{ ref('dim_feeds') }}
),

answers as (
    select * from {{ ref('responses_current') }}
    where {{ touched('voter_id, topic_id') }}
),

stored as (
    {% if is_incremental() %}
        select * from {{ this }}
        where {{ touched('voter_id, topic_id') }}
    {% else %}
        select
            *,
            null::bigint as file_id,
            null::bigint as known_from_refresh,
            null::bigint as known_until_refresh
        from answers
        where false
    {% endif %}
),

-- before this refresh, without what was withdrawn since
log as (
    select {{ answer }}, file_id, known_from_refresh, nullif(known_until_refresh, {{ this_refresh }}) as known_until_refresh
    from stored
    where known_from_refresh < {{ this_refresh }} and file_id not in (select withdrawn_files.file_id from withdrawn_files)
),

-- a version belongs to the file that first told it: a snapshot that repeats the line makes no other version
filed as (
    select
        answers.*,
        lines._file_id as file_id
    from answers
    inner join feeds on answers.feed_no = feeds.feed_no
    inner join lines
        on
            answers.voter_id = lines.voter_id
            and answers.partner_no = lines.partner_no
            and feeds.feed_id = lines.feed_id
            and answers.record_id = lines.source_record_key
),

open_or_new as (
    select {{ answer }}, file_id, known_from_refresh, true as is_open from log
    where known_until_refresh is null
    union all
    select {{ answer }}, file_id, {{ this_refresh }} as known_from_refresh, false as is_open from filed
),

compared as (
    select *, count(*) over (partition by {{ answer }}) = 2 as is_unchanged from open_or_new
),

versions as (
    select {{ answer }}, file_id, known_from_refresh, known_until_refresh from log
    where known_until_refresh is not null
    union all
    select
        {{ answer }}, file_id, known_from_refresh,
        case when is_open and not is_unchanged then {{ this_refresh }} end as known_until_refresh
    from compared
    where is_open or not is_unchanged
)

select * from versions
