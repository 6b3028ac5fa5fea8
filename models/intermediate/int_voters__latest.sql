-- Grain: one row per state + state_voter_id that is registered on the voter file now (several voter feeds of a state: the
-- newest file decides, also that the voter is no longer registered).
{{ config(
    materialized='incremental',
    unique_key=['state', 'state_voter_id'],
    meta={'keys': [], 'touched_by': {'int_voters__delivered': none}, 'compare': false},
) }}
with

delivered as (
    select * from {{ ref('int_voters__delivered') }}
    where delivery_status = 'live' and problem is null
),

newest as (
    select distinct on (state, state_voter_id)
        state,
        state_voter_id,
        feed_id,
        first_name,
        middle_name,
        last_name,
        suffix,
        birth_on,
        birth_year,
        sex,
        party,
        registration_status,
        is_registered,
        address,
        city,
        municipality,
        zip,
        county_fips,
        precinct,
        congressional_district,
        state_senate_district,
        state_house_district,
        phone,
        email
    from delivered
    order by state asc, state_voter_id asc, _file_id desc, is_registered desc, _row_number desc
),

-- a vendor's newer file that knows nothing of protection must not lift it
protected as (
    select distinct
        state,
        state_voter_id
    from delivered
    where is_protected
),

latest as (
    select
        newest.state,
        newest.state_voter_id,
        newest.feed_id,
        newest.first_name,
        newest.middle_name,
        newest.last_name,
        newest.suffix,
        newest.birth_on,
        newest.birth_year,
        newest.sex,
        newest.party,
        newest.registration_status,
        protected.state is not null as is_protected,
        newest.address,
        newest.city,
        newest.municipality,
        newest.zip,
        newest.county_fips,
        newest.precinct,
        newest.congressional_district,
        newest.state_senate_district,
        newest.state_house_district,
        newest.phone,
        newest.email
    from newest
    left join protected
        on
            newest.state = protected.state
            and newest.state_voter_id = protected.state_voter_id
    where newest.is_registered
)

select * from latest
where {{ touched() }}
