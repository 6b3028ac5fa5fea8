-- Grain: one row per state + state_voter_id that is on the voter file now (several voter feeds: the newest delivery
-- wins).
with

delivered as (
    select * from {{ ref('int_voters__delivered') }}
),

latest as (
    select distinct on (state, state_voter_id)
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
        email
    from delivered
    where delivery_status = 'live' and problem is null
    order by state asc, state_voter_id asc, _file_id desc, _row_number desc
)

select * from latest
