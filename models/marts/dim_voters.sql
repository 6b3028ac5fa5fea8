-- Grain: one row per voter registered on the voter file now.
{{ config(
    materialized='incremental',
    unique_key=['voter_id'],
    indexes=[{'columns': ['voter_id'], 'unique': true}, {'columns': ['phone']}],
    meta={'keys': [], 'touched_by': {'int_voters__latest': none, 'int_voter_keys': none}, 'tells': ['voter_id', 'phone']},
) }}
with

voters as (
    select * from {{ ref('int_voters__latest') }}
),

voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

counties as (
    select * from {{ ref('counties') }}
),

keyed as (
    select
        voter_keys.voter_id,
        voters.state,
        voters.state_voter_id,
        voters.first_name,
        voters.middle_name,
        voters.last_name,
        voters.suffix,
        voters.birth_on,
        voters.birth_year,
        voters.sex,
        voters.party,
        voters.registration_status,
        voters.is_protected,
        voters.address,
        voters.city,
        voters.municipality,
        voters.zip,
        voters.county_fips,
        voters.precinct,
        voters.congressional_district,
        voters.state_senate_district,
        voters.state_house_district,
        voters.phone,
        voters.email,
        {{ voter_divisions('voters', 'counties.division_id', place_division('voters')) }} as division_ids
    from voters
    inner join voter_keys
        on
            voters.state = voter_keys.state
            and voters.state_voter_id = voter_keys.state_voter_id
    left join counties on voters.county_fips = counties.county_fips
)

select * from keyed
where {{ touched() }}
