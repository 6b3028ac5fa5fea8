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
    select distinct
        audience_no,
        own_partner_id,
        repeat('0', (max(audience_no) over ())::int)::bit varying as nobody
    from {{ ref('audiences') }}
),

partners as (
    select * from {{ ref('dim_partners') }}
),

nobody as (
    select distinct nobody from audiences
),

-- each contributor's own audience
owners as (
    select
        partners.partner_no,
        set_bit(audiences.nobody, audiences.audience_no - 1, 1) as audience
    from audiences
    inner join partners on audiences.own_partner_id = partners.partner_id
),

by_person as (
    select
        reach.voter_id,
        bit_or(reach.audiences & coalesce(owners.audience, nobody.nobody)) as reached_by,
        bit_or(reach.audiences & ~coalesce(owners.audience, nobody.nobody)) as reached_by_others
    from reach
    cross join nobody
    left join owners on reach.partner_no = owners.partner_no
    group by reach.voter_id
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
