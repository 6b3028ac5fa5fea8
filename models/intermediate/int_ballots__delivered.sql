-- Grain: one row per delivered line about a ballot status, with what became of its delivery.
{{ config(
    materialized='incremental',
    unique_key=['_file_id', '_row_number'],
    indexes=[{'columns': ['feed_id']}],
    meta={
        'keys': ['feed_id'],
        'touched_by': {
            'stg_generic__ballots': ['feed_id'],
            'stg_nc__absentee': ['feed_id'],
            'int_feeds__newest_snapshot': ['feed_id'],
            'stg_files': ['feed_id'],
        },
    },
) }}
with

ballots as (
    {% for model in ['stg_generic__ballots', 'stg_nc__absentee'] %}
        select
            feed_id,
            partner_id,
            file_format,
            source_record_key,
            state,
            state_voter_id,
            election_on,
            ballot_status,
            status_on,
            line_order,
            problem,
            _file_id,
            _row_number
        from {{ ref(model) }}
        where {{ touched('feed_id') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

snapshots as (
    select * from {{ ref('int_feeds__newest_snapshot') }}
),

ranked as (
    select
        ballots.*,
        row_number() over (
            partition by ballots.feed_id, ballots.source_record_key
            order by ballots._file_id desc, ballots.line_order desc, ballots._row_number desc
        ) as delivery_rank,
        snapshots.newest_file_id
    from ballots
    left join snapshots on ballots.feed_id = snapshots.feed_id
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
        ballot_status,
        status_on,
        problem,
        {{ delivery_status() }} as delivery_status,
        _file_id,
        _row_number
    from ranked
)

select * from delivered
