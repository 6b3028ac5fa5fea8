-- Grain: one row per audience due + state + county ('': unknown) + whether its own partner reaches the persons itself + other
-- organization that reaches some of them, as far as the audience may see: how many of those its views name. Internal: it tells one
-- organization from another.
{{ config(tags=['coverage']) }}

with

due as (
    select * from {{ ref('coverage_due') }}
),

persons as (
    select * from {{ ref('coverage_persons') }}
),

reach as (
    select * from {{ ref('coverage_reach') }}
),

-- persons whom all audiences see alike, once
alike as (
    select
        persons.state,
        persons.county_fips,
        persons.namings,
        reach.reached_by,
        reach.partner_no,
        reach.audiences,
        count(*) as person_count
    from reach
    inner join persons on reach.voter_id = persons.voter_id
    group by persons.state, persons.county_fips, persons.namings, reach.reached_by, reach.partner_no, reach.audiences
),

seen as (
    select
        due.audience_id,
        alike.state,
        alike.county_fips,
        get_bit(alike.reached_by, due.audience_no - 1) = 1 as is_ours,
        alike.partner_no,
        alike.person_count
    from alike
    inner join due
        on
            get_bit(alike.namings, due.naming_no - 1) = 1
            and get_bit(alike.audiences, due.audience_no - 1) = 1
            and (due.states = '*' or alike.state = any(string_to_array(due.states, ' ')))
),

coverage_contributors as (
    select
        audience_id,
        state,
        county_fips,
        is_ours,
        partner_no,
        sum(person_count)::int as person_count
    from seen
    group by audience_id, state, county_fips, is_ours, partner_no
)

select * from coverage_contributors
