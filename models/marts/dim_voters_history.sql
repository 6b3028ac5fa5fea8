-- Grain: one row per voter + day from which the voter file said something else about status, party, precinct, districts or
-- residence. Days are those of the refresh that took the file; the row of who left the file has no districts.
{{ config(
    materialized='incremental',
    unique_key=['voter_id', 'valid_from'],
    meta={'keys': [], 'touched_by': {'int_voter_versions': none, 'int_voter_keys': none, 'stg_files': false}, 'tells': ['voter_id']},
) }}
{% set told = [
    'registration_status', 'party', 'county_fips', 'precinct', 'municipality', 'congressional_district',
    'state_senate_district', 'state_house_district',
] %}

with

versions as (
    select * from {{ ref('int_voter_versions') }}
),

voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

files as (
    select * from {{ ref('stg_files') }}
),

dated as (
    select
        voter_keys.voter_id,
        versions.*,
        -- files count in order of intake: one taken on an earlier date (a replay) says something from the later day on
        max((files.received_at at time zone 'UTC')::date) over (
            partition by versions.state, versions.state_voter_id
            order by versions._file_id
        ) as valid_from,
        {{ place_division('versions') }} as place_division_id,
        md5(
            row(versions.is_on_file, versions.address_digest, {{ told | join(', ') }}, {{ place_division('versions') }})::text
        )::uuid as told_digest
    from versions
    inner join files on versions._file_id = files.file_id
    inner join voter_keys
        on
            versions.state = voter_keys.state
            and versions.state_voter_id = voter_keys.state_voter_id
),

last_of_day as (
    select distinct on (voter_id, valid_from) *
    from dated
    order by voter_id asc, valid_from asc, _file_id desc
),

compared as (
    select
        last_of_day.*,
        lag(last_of_day.told_digest) over by_day as digest_before,
        lag(last_of_day.address_digest) over by_day as address_before
    from last_of_day
    window by_day as (partition by last_of_day.voter_id order by last_of_day.valid_from)
),

history as (
    select
        voter_id,
        state,
        valid_from,
        lead(valid_from) over (partition by voter_id order by valid_from) - 1 as valid_until,
        is_on_file,
        {{ told | join(',\n        ') }},
        place_division_id,
        coalesce(address_digest <> address_before, false) as has_new_address
    from compared
    where told_digest is distinct from digest_before
)

select * from history
where {{ touched() }}
