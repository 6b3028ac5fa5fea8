-- Grain: one row per audience due + state, and per county of it: how many persons its partners reach, others reach, nobody reaches;
-- rounded, and told only where it shows no single organization and no few persons (docs/coverage-summary.md).
{{ config(tags=['coverage']) }}

with

due as (
    select * from {{ ref('coverage_due') }}
),

areas as (
    select * from {{ ref('coverage_areas') }}
),

contributors as (
    select * from {{ ref('coverage_contributors') }}
),

-- enough others: two that each reach at least 10 persons there. Where the county is unknown, nothing is told
counted as (
    select
        areas.audience_id,
        areas.state,
        areas.county_fips,
        areas.us_and_others + areas.others_only as others_any,
        areas.county_fips <> '' and count(*) filter (where contributors.person_count >= 10) >= 2 as is_enough
    from areas
    left join contributors
        on
            areas.audience_id = contributors.audience_id
            and areas.state = contributors.state
            and areas.county_fips = contributors.county_fips
    group by areas.audience_id, areas.state, areas.county_fips, areas.us_and_others, areas.others_only
),

of_state as (
    select
        audience_id,
        state,
        partner_no,
        sum(person_count) as person_count
    from contributors
    group by audience_id, state, partner_no
),

enough_in_state as (
    select
        audience_id,
        state
    from of_state
    where person_count >= 10
    group by audience_id, state
    having count(*) >= 2
),

-- the state less the counties that are told is what the other counties have together: that must be of two, or of nobody
in_the_rest as (
    select
        contributors.audience_id,
        contributors.state,
        contributors.partner_no,
        sum(contributors.person_count) as person_count
    from contributors
    inner join counted
        on
            contributors.audience_id = counted.audience_id
            and contributors.state = counted.state
            and contributors.county_fips = counted.county_fips
    where not counted.is_enough
    group by contributors.audience_id, contributors.state, contributors.partner_no
),

rest_of_one as (
    select
        audience_id,
        state
    from in_the_rest
    group by audience_id, state
    having count(*) filter (where person_count >= 10) < 2
),

-- else the county with the fewest joins the rest
joining as (
    select distinct on (counted.audience_id, counted.state)
        counted.audience_id,
        counted.state,
        counted.county_fips
    from counted
    inner join rest_of_one
        on
            counted.audience_id = rest_of_one.audience_id
            and counted.state = rest_of_one.state
    where counted.is_enough
    order by counted.audience_id asc, counted.state asc, counted.others_any asc, counted.county_fips asc
),

of_counties as (
    select
        areas.audience_id,
        areas.state,
        areas.county_fips,
        areas.voters,
        areas.us_only,
        areas.us_and_others,
        areas.others_only,
        areas.nobody,
        counted.is_enough and joining.county_fips is null as is_told
    from areas
    inner join counted
        on
            areas.audience_id = counted.audience_id
            and areas.state = counted.state
            and areas.county_fips = counted.county_fips
    left join joining
        on
            areas.audience_id = joining.audience_id
            and areas.state = joining.state
            and areas.county_fips = joining.county_fips
    where areas.county_fips <> ''
),

of_states as (
    select
        areas.audience_id,
        areas.state,
        null::text as county_fips,
        sum(areas.voters)::int as voters,
        sum(areas.us_only)::int as us_only,
        sum(areas.us_and_others)::int as us_and_others,
        sum(areas.others_only)::int as others_only,
        sum(areas.nobody)::int as nobody,
        bool_and(enough_in_state.state is not null) as is_told
    from areas
    left join enough_in_state
        on
            areas.audience_id = enough_in_state.audience_id
            and areas.state = enough_in_state.state
    group by areas.audience_id, areas.state
),

together as (
    select * from of_counties
    union all
    select * from of_states
),

-- whom it reaches itself a partner knows to the person: of two parts, one told would tell the other
judged as (
    select
        together.*,
        due.counted_on,
        together.is_told and least(together.us_only, together.us_and_others) >= 10 as is_ours_told,
        together.is_told and least(together.others_only, together.nobody) >= 10 as is_rest_told
    from together
    inner join due on together.audience_id = due.audience_id
),

coverage_summary as (
    select
        audience_id,
        state,
        county_fips,
        case when voters >= 10 then round(voters, -1)::int end as voters,
        case when us_only + us_and_others >= 10 then round(us_only + us_and_others, -1)::int end as us_any,
        case when is_ours_told then round(us_only, -1)::int end as us_only,
        case when is_ours_told then round(us_and_others, -1)::int end as us_and_others,
        case when is_rest_told then round(others_only, -1)::int end as others_only,
        case when is_rest_told then round(nobody, -1)::int end as nobody,
        counted_on
    from judged
)

select * from coverage_summary
