-- Grain: one row per delivered line about a ballot cast in a past election, with what became of its delivery.
{{ config(
    materialized='incremental',
    unique_key=['_file_id', '_row_number'],
    indexes=[{'columns': ['feed_id']}],
    meta={
        'keys': ['feed_id'],
        'touched_by': {
            'stg_nc__voter_history': ['feed_id'],
            'int_feeds__newest_snapshot': ['feed_id'],
            'stg_files': ['feed_id'],
        },
    },
) }}
with

ballots_cast as (
    select * from {{ ref('stg_nc__voter_history') }}
    where {{ touched('feed_id') }}
),

snapshots as (
    select * from {{ ref('int_feeds__newest_snapshot') }}
),

ranked as (
    select
        ballots_cast.*,
        row_number() over (
            partition by ballots_cast.feed_id, ballots_cast.source_record_key
            order by ballots_cast._file_id desc, ballots_cast._row_number desc
        ) as delivery_rank,
        snapshots.newest_file_id
    from ballots_cast
    left join snapshots on ballots_cast.feed_id = snapshots.feed_id
),

delivered as (
    select
        feed_id,
        partner_id,
        file_format,
        source_record_key,
        state,
        state_voter_id,
        election_on,
        election_label,
        voting_method,
        voted_party,
        problem,
        {{ delivery_status() }} as delivery_status,
        _file_id,
        _row_number
    from ranked
)

select * from delivered
