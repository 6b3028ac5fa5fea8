-- Grain: one row per voter whom some view can name, with the area and the set of namings (id namespace + scope) that have an id of
-- the person. Empty unless coverage is due.
{{ config(tags=['coverage']) }}

with

due as (
    select * from {{ ref('coverage_due') }}
),

voters as (
    select
        voter_id,
        state,
        county_fips
    from {{ ref('dim_voters') }}
    where not is_protected and exists (select from due)
),

person_ids as (
    select * from {{ ref('person_ids') }}
    where exists (select from due)
),

namings as (
    select distinct
        naming_no,
        id_namespace,
        id_scope
    from {{ ref('audiences') }}
),

namespaces as (
    select * from {{ ref('id_namespaces') }}
),

sets as (
    select
        naming_no,
        id_namespace,
        id_scope,
        set_bit(repeat('0', (max(naming_no) over ())::int)::bit varying, naming_no - 1, 1) as naming
    from namings
),

coverage_persons as (
    select
        voters.voter_id,
        voters.state,
        -- '': the voter file tells none
        coalesce(voters.county_fips, '') as county_fips,
        bit_or(sets.naming)::bit varying as namings
    from sets
    inner join namespaces on sets.id_namespace = namespaces.namespace
    inner join person_ids on sets.id_namespace = person_ids.namespace
    inner join voters on person_ids.voter_id = voters.voter_id
    where person_ids.scope = {{ id_scope('sets', 'voters') }}
    group by voters.voter_id, voters.state, voters.county_fips
)

select * from coverage_persons
