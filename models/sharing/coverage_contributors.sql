-- Grain: one row per audience due + state + county ('': unknown) + other organization that reaches somebody there, as far as the
-- audience may see: how many of the persons its views name. Internal: it tells one organization from another.
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

partners as (
    select * from {{ ref('dim_partners') }}
),

owners as (
    select
        audiences.audience_id,
        partners.partner_no
    from audiences
    inner join partners on audiences.own_partner_id = partners.partner_id
),

alike as (
    select
        persons.state,
        persons.county_fips,
        persons.namings,
        reach.partner_no,
        reach.audiences,
        count(*) as person_count
    from reach
    inner join persons on reach.voter_id = persons.voter_id
    group by persons.state, persons.county_fips, persons.namings, reach.partner_no, reach.audiences
),

coverage_contributors as (
    select
        due.audience_id,
        alike.state,
        alike.county_fips,
        alike.partner_no,
        sum(alike.person_count)::int as person_count
    from alike
    inner join due
        on
            get_bit(alike.namings, due.naming_no - 1) = 1
            and get_bit(alike.audiences, due.audience_no - 1) = 1
            and (due.states = '*' or alike.state = any(string_to_array(due.states, ' ')))
    left join owners
        on
            due.audience_id = owners.audience_id
            and alike.partner_no = owners.partner_no
    where owners.partner_no is null
    group by due.audience_id, alike.state, alike.county_fips, alike.partner_no
)

select * from coverage_contributors
