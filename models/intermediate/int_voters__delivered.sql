-- Grain: one row per delivered line about a voter, with what became of its delivery.
with

voters as (
    select * from {{ ref('stg_generic__voters') }}
),

snapshots as (
    select * from {{ ref('int_feeds__newest_snapshot') }}
),

ranked as (
    select
        voters.*,
        row_number() over (
            partition by voters.feed_id, voters.source_record_key
            order by voters._file_id desc, voters._row_number desc
        ) as delivery_rank,
        snapshots.newest_file_id
    from voters
    left join snapshots on voters.feed_id = snapshots.feed_id
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
        problem,
        {{ delivery_status() }} as delivery_status,
        _file_id,
        _row_number
    from ranked
)

select * from delivered
