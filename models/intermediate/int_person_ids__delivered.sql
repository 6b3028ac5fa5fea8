-- Grain: one row per delivered line about an external id, with what became of its delivery.
{{ config(
    materialized='incremental',
    unique_key=['_file_id', '_row_number'],
    indexes=[{'columns': ['feed_id']}],
    meta={
        'keys': ['feed_id'],
        'touched_by': {
            'stg_generic__person_ids': ['feed_id'],
            'int_feeds__newest_snapshot': ['feed_id'],
            'stg_files': ['feed_id'],
        },
    },
) }}
with

person_ids as (
    select * from {{ ref('stg_generic__person_ids') }}
    where {{ touched('feed_id') }}
),

namespaces as (
    select * from {{ ref('id_namespaces') }}
),

snapshots as (
    select * from {{ ref('int_feeds__newest_snapshot') }}
),

ranked as (
    select
        person_ids.*,
        namespaces.scope_kind,
        row_number() over (
            partition by person_ids.feed_id, person_ids.source_record_key
            order by person_ids._file_id desc, person_ids._row_number desc
        ) as delivery_rank,
        snapshots.newest_file_id
    from person_ids
    left join namespaces on person_ids.namespace = namespaces.namespace
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
        case
            when problem is not null then problem
            -- the same number is another person in another state
            when scope_kind = 'state' and scope <> state then {{ problem('scope', 'scope', 'the state of the voter') }}
            -- else any organization's file could give one voter's own id to another, or make it mean nobody
            when namespace = 'exchange' or (namespace = 'state_voter_id' and external_id <> state_voter_id)
                then {{ problem('namespace', 'namespace', 'an id that the voter file does not itself give') }}
        end as problem,
        {{ delivery_status() }} as delivery_status,
        _file_id,
        _row_number
    from ranked
)

select * from delivered
