-- Grain: one row per audience due + state, and per county of it: how many persons its partners reach, others reach, nobody reaches;
-- rounded, and told only where it shows no single organization and no few persons (docs/coverage-summary.md).
{{ config(tags=['coverage']) }}

with

areas as (
    select * from {{ ref('coverage_areas') }}
),

contributors as (
    select * from {{ ref('coverage_contributors') }}
),

-- two halves of each area, those whom the partner reaches itself and the rest: each is one pair of numbers, told or not by itself
halves as (
    select
        audience_id,
        state,
        county_fips,
        true as is_ours,
        us_and_others as of_others,
        us_only as not_of_others
    from areas
    union all
    select
        audience_id,
        state,
        county_fips,
        false as is_ours,
        others_only as of_others,
        nobody as not_of_others
    from areas
),

-- enough others: two that each reach at least 10 of these persons. Where the county is unknown, nothing is told. Whom it reaches
-- itself a partner knows to the person: of two numbers, one told would tell the other
of_areas as (
    select
        halves.audience_id,
        halves.state,
        halves.county_fips,
        halves.is_ours,
        halves.of_others,
        halves.not_of_others,
        halves.county_fips <> ''
        and count(*) filter (where contributors.person_count >= 10) >= 2
        and least(halves.of_others, halves.not_of_others) >= 10 as is_enough
    from halves
    left join contributors
        on
            halves.audience_id = contributors.audience_id
            and halves.state = contributors.state
            and halves.county_fips = contributors.county_fips
            and halves.is_ours = contributors.is_ours
    group by
        halves.audience_id, halves.state, halves.county_fips, halves.is_ours, halves.of_others, halves.not_of_others
),

-- a state, and the state less the counties that are told: who knows both knows what the other counties have together
contributors_of_states as (
    select
        contributors.audience_id,
        contributors.state,
        contributors.is_ours,
        contributors.partner_no,
        sum(contributors.person_count) as person_count,
        sum(contributors.person_count) filter (where not of_areas.is_enough) as in_the_rest
    from contributors
    inner join of_areas
        on
            contributors.audience_id = of_areas.audience_id
            and contributors.state = of_areas.state
            and contributors.county_fips = of_areas.county_fips
            and contributors.is_ours = of_areas.is_ours
    group by contributors.audience_id, contributors.state, contributors.is_ours, contributors.partner_no
),

many as (
    select
        audience_id,
        state,
        is_ours,
        count(*) filter (where person_count >= 10) >= 2 as is_in_state,
        count(*) filter (where in_the_rest >= 10) >= 2 as is_in_the_rest
    from contributors_of_states
    group by audience_id, state, is_ours
),

sums as (
    select
        audience_id,
        state,
        is_ours,
        sum(of_others)::int as of_others,
        sum(not_of_others)::int as not_of_others,
        coalesce(sum(of_others) filter (where not is_enough), 0) as of_others_in_the_rest,
        coalesce(sum(not_of_others) filter (where not is_enough), 0) as not_of_others_in_the_rest
    from of_areas
    group by audience_id, state, is_ours
),

of_states as (
    select
        sums.audience_id,
        sums.state,
        null::text as county_fips,
        sums.is_ours,
        sums.of_others,
        sums.not_of_others,
        coalesce(many.is_in_state, false) and least(sums.of_others, sums.not_of_others) >= 10 as is_told,
        -- what is of nobody shows nobody
        sums.of_others_in_the_rest = 0 or (
            many.is_in_the_rest and least(sums.of_others_in_the_rest, sums.not_of_others_in_the_rest) >= 10
        ) as may_be_subtracted
    from sums
    left join many
        on
            sums.audience_id = many.audience_id
            and sums.state = many.state
            and sums.is_ours = many.is_ours
),

-- else the county with the fewest joins the rest, which is enough then
joining as (
    select distinct on (of_areas.audience_id, of_areas.state, of_areas.is_ours)
        of_areas.audience_id,
        of_areas.state,
        of_areas.is_ours,
        of_areas.county_fips
    from of_areas
    inner join of_states
        on
            of_areas.audience_id = of_states.audience_id
            and of_areas.state = of_states.state
            and of_areas.is_ours = of_states.is_ours
    where of_areas.is_enough and not of_states.may_be_subtracted
    order by
        of_areas.audience_id asc,
        of_areas.state asc,
        of_areas.is_ours asc,
        of_areas.of_others asc,
        of_areas.county_fips asc
),

of_counties as (
    select
        of_areas.audience_id,
        of_areas.state,
        of_areas.county_fips,
        of_areas.is_ours,
        of_areas.of_others,
        of_areas.not_of_others,
        of_areas.is_enough and joining.county_fips is null as is_told
    from of_areas
    left join joining
        on
            of_areas.audience_id = joining.audience_id
            and of_areas.state = joining.state
            and of_areas.is_ours = joining.is_ours
            and of_areas.county_fips = joining.county_fips
    where of_areas.county_fips <> ''
),

together as (
    select
        audience_id,
        state,
        county_fips,
        is_ours,
        of_others,
        not_of_others,
        is_told
    from of_counties
    union all
    select
        audience_id,
        state,
        county_fips,
        is_ours,
        of_others,
        not_of_others,
        is_told
    from of_states
),

-- the second number of a pair is what the first one leaves of the whole: rounded by itself, it would tell more of the first one
rounded as (
    select
        audience_id,
        state,
        county_fips,
        is_ours,
        of_others + not_of_others as persons,
        case when is_told then round(of_others, -1)::int end as of_others,
        case when is_told then (round(of_others + not_of_others, -1) - round(of_others, -1))::int end as not_of_others
    from together
),

side_by_side as (
    select
        audience_id,
        state,
        county_fips,
        sum(persons)::int as voters,
        max(persons) filter (where is_ours) as us_any,
        max(not_of_others) filter (where is_ours) as us_only,
        max(of_others) filter (where is_ours) as us_and_others,
        max(of_others) filter (where not is_ours) as others_only,
        max(not_of_others) filter (where not is_ours) as nobody
    from rounded
    group by audience_id, state, county_fips
),

coverage_summary as (
    select
        audience_id,
        state,
        county_fips,
        case when voters >= 10 then round(voters, -1)::int end as voters,
        case when us_any >= 10 then round(us_any, -1)::int end as us_any,
        us_only,
        us_and_others,
        others_only,
        nobody
    from side_by_side
)

select * from coverage_summary
