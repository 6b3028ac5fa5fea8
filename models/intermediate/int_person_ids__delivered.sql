-- Grain: one row per delivered line about a external id, with what became of its delivery.
with

person_ids as (
    select * from {{ ref('stg_generic__person_ids') }}
),

snapshots as (
    select * from {{ ref('int_feeds__newest_snapshot') }}
),

ranked as (
    select
        person_ids.*,
        row_number() over (
            partition by person_ids.feed_id, person_ids.source_record_key
            order by person_ids._file_id desc, person_ids._row_number desc
        ) as delivery_rank,
        snapshots.newest_file_id
    from person_ids
    left join snapshots on person_ids.feed_id = snapshots.feed_id
),

delivered as (
    select
        feed_id,
        partner_id,
        file_format,
        source_record_key,
        state,
        state_voter_id,
        namespace,
        scope,
        external_id,
        problem,
        {{ delivery_status() }} as delivery_status,
        _file_id,
        _row_number
    from ranked
)

select * from delivered
