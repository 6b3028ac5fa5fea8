-- Grain: one row per audience due + state + county ('': unknown): how many persons its views name there, by who reaches them. Exact:
-- internal.
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

audiences as (
    select * from {{ ref('audiences') }}
),

nobody as (
    select repeat('0', max(audience_no)::int)::bit varying as nobody
    from audiences
),

by_person as (
    select
        voter_id,
        reached_by,
        bit_or(audiences) as reached_by_others
    from reach
    group by voter_id, reached_by
),

with_reach as (
    select
        persons.state,
        persons.county_fips,
        persons.namings,
        coalesce(by_person.reached_by, nobody.nobody) as reached_by,
        coalesce(by_person.reached_by_others, nobody.nobody) as reached_by_others
    from persons
    cross join nobody
    left join by_person on persons.voter_id = by_person.voter_id
),

-- persons whom all audiences see alike, once
alike as (
    select
        state,
        county_fips,
        namings,
        reached_by,
        reached_by_others,
        count(*) as person_count
    from with_reach
    group by state, county_fips, namings, reached_by, reached_by_others
),

seen as (
    select
        due.audience_id,
        alike.state,
        alike.county_fips,
        get_bit(alike.reached_by, due.audience_no - 1) = 1 as is_ours,
        get_bit(alike.reached_by_others, due.audience_no - 1) = 1 as is_others,
        alike.person_count
    from alike
    inner join due
        on
            get_bit(alike.namings, due.naming_no - 1) = 1
            and (due.states = '*' or alike.state = any(string_to_array(due.states, ' ')))
),

coverage_areas as (
    select
        audience_id,
        state,
        county_fips,
        sum(person_count)::int as voters,
        coalesce(sum(person_count) filter (where is_ours and not is_others), 0)::int as us_only,
        coalesce(sum(person_count) filter (where is_ours and is_others), 0)::int as us_and_others,
        coalesce(sum(person_count) filter (where is_others and not is_ours), 0)::int as others_only,
        coalesce(sum(person_count) filter (where not is_ours and not is_others), 0)::int as nobody
    from seen
    group by audience_id, state, county_fips
)

select * from coverage_areas
