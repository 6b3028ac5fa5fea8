-- Grain: one row per voter feed + slice + voter + file: the line of the file that counts, and the file that ended it: the next
-- one of the slice with a line of the voter, or a snapshot of the slice without one. ended_file_id null: live.
{{ config(
    materialized='incremental',
    unique_key=['feed_id', 'slice', 'state', 'state_voter_id', '_file_id'],
    meta={'keys': [], 'touched_by': {'int_voters__delivered': none, 'int_voter_files': none}, 'compare': false},
) }}
{% set compared = [
    'first_name', 'middle_name', 'last_name', 'suffix', 'birth_on', 'birth_year', 'sex', 'party', 'registration_status',
    'is_protected', 'address', 'city', 'municipality', 'zip', 'county_fips', 'precinct', 'congressional_district',
    'state_senate_district', 'state_house_district', 'phone', 'email',
] %}

with

delivered as (
    select * from {{ ref('int_voters__delivered') }}
),

feeds as (
    select * from {{ ref('feeds') }}
),

files as (
    select * from {{ ref('int_voter_files') }}
),

sliced as (
    select
        delivered.*,
        case when feeds.coverage = 'snapshot' then coalesce(delivered.slice, '') else '' end as spoken_slice
    from delivered
    inner join feeds on delivered.feed_id = feeds.feed_id
    where delivered.state is not null and delivered.state_voter_id is not null
),

counting as (
    select distinct on (feed_id, spoken_slice, state, state_voter_id, _file_id)
        feed_id,
        spoken_slice as slice,
        state,
        state_voter_id,
        _file_id,
        _row_number,
        is_registered,
        case
            when problem is not null then 'quarantined'
            when is_registered then 'registered'
            else 'not_registered'
        end as told,
        -- who is not on the file has no digest: all ways of being off it are one
        case
            when problem is null and is_registered then md5(row({{ compared | join(', ') }})::text)::uuid
        end as record_digest
    from sliced
    order by
        feed_id asc, spoken_slice asc, state asc, state_voter_id asc, _file_id asc, is_registered desc, _row_number desc
),

followed as (
    select
        counting.*,
        lead(counting._file_id) over (
            partition by counting.feed_id, counting.slice, counting.state, counting.state_voter_id
            order by counting._file_id
        ) as own_next_file_id,
        case when files.is_snapshot then files.next_file_id end as snapshot_file_id
    from counting
    inner join files
        on
            counting.feed_id = files.feed_id
            and counting.slice = files.slice
            and counting._file_id = files._file_id
),

ended as (
    select
        feed_id,
        slice,
        state,
        state_voter_id,
        _file_id,
        _row_number,
        is_registered,
        told,
        record_digest,
        -- least() passes over nulls
        least(own_next_file_id, snapshot_file_id) as ended_file_id,
        case
            when snapshot_file_id < own_next_file_id or own_next_file_id is null then snapshot_file_id
        end as retracted_file_id
    from followed
)

select * from ended
where {{ touched() }}
