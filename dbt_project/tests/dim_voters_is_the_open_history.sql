-- The two ways to what a voter file says now agree: the newest live line (dim_voters) and the open end of the history that is
-- worked out from every delivery. Would have caught a snapshot of one county that ends the history of another's voters.
{{ config(group='core') }}

with

voters as (
    select
        voter_id,
        registration_status,
        party,
        county_fips,
        precinct,
        municipality,
        congressional_district,
        state_senate_district,
        state_house_district
    from {{ ref('dim_voters') }}
),

open_history as (
    select
        voter_id,
        registration_status,
        party,
        county_fips,
        precinct,
        municipality,
        congressional_district,
        state_senate_district,
        state_house_district
    from {{ ref('dim_voters_history') }}
    where valid_until is null and is_on_file
),

differences as (
    (
        select * from voters
        except
        select * from open_history
    )
    union all
    (
        select * from open_history
        except
        select * from voters
    )
)

select * from differences
