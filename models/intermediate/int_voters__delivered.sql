-- Grain: one row per delivered line about a voter, with what became of its delivery.
{{ config(
    materialized='incremental',
    unique_key=['_file_id', '_row_number'],
    indexes=[{'columns': ['feed_id']}],
    meta={
        'keys': ['feed_id'],
        'touched_by': {
            'stg_generic__voters': ['feed_id'],
            'stg_nc__voters': ['feed_id'],
            'stg_fl__voters': ['feed_id'],
            'stg_oh__voters': ['feed_id'],
            'stg_pa__voters': ['feed_id'],
            'stg_ny__voters': ['feed_id'],
            'int_feeds__newest_slice': ['feed_id'],
            'stg_files': ['feed_id'],
        },
    },
) }}
with

voters as (
    {% for system in ['generic', 'nc', 'fl', 'oh', 'pa', 'ny'] %}
        select * from {{ ref('stg_' ~ system ~ '__voters') }}
        where {{ touched('feed_id') }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

slices as (
    select * from {{ ref('int_feeds__newest_slice') }}
),

ranked as (
    select
        voters.*,
        row_number() over (
            partition by voters.feed_id, voters.source_record_key
            order by
                -- who moved is removed in one county's file and registered in another's, in whatever order they come
                voters._file_id = slices.newest_file_id desc nulls last,
                voters._file_id = slices.newest_file_id and voters.is_registered desc nulls last,
                voters._file_id desc,
                voters.is_registered desc,
                voters._row_number desc
        ) as delivery_rank,
        slices.newest_file_id
    from voters
    left join slices
        on
            voters.feed_id = slices.feed_id
            -- equality with a stand-in: a null-safe comparison would join row by row
            and coalesce(voters.slice, '*') = slices.slice
),

delivered as (
    select
        feed_id,
        partner_id,
        file_format,
        source_record_key,
        state,
        state_voter_id,
        first_name,
        middle_name,
        last_name,
        suffix,
        birth_on,
        birth_year,
        sex,
        party,
        registration_status,
        address,
        city,
        zip,
        county_fips,
        precinct,
        congressional_district,
        state_senate_district,
        state_house_district,
        phone,
        email,
        is_registered,
        is_protected,
        slice,
        municipality,
        problem,
        {{ delivery_status() }} as delivery_status,
        _file_id,
        _row_number
    from ranked
)

select * from delivered
