-- Grain: one row per naming (id namespace + scope of an audience's person ids) + touched voter who has an id there and no protected
-- record: whom views can name at all.
with

audiences as (
    select distinct
        naming_no,
        id_namespace,
        id_scope
    from {{ ref('audiences') }}
),

scope as (
    select * from {{ ref('touched_voters') }}
),

person_ids as (
    select * from {{ ref('person_ids') }}
    where voter_id in (select scope.voter_id from scope)
),

-- everything a partner reads about a person joins this model: who is protected is not in it, not even for the partner
-- that contributed
voters as (
    select
        voter_id,
        state
    from {{ ref('dim_voters') }}
    where not is_protected and voter_id in (select scope.voter_id from scope)
),

namespaces as (
    select * from {{ ref('id_namespaces') }}
),

persons as (
    select
        audiences.naming_no,
        person_ids.voter_id,
        -- several ids of one person in one namespace: always the same one, in byte order; an id of a registration merged
        -- into this one only where the person has no other
        coalesce(
            min(person_ids.external_id collate "C") filter (where not person_ids.is_inherited), -- noqa: RF02
            min(person_ids.external_id collate "C") -- noqa: RF02
        ) as person_id
    from audiences
    inner join namespaces on audiences.id_namespace = namespaces.namespace
    inner join person_ids on audiences.id_namespace = person_ids.namespace
    inner join voters on person_ids.voter_id = voters.voter_id
    where person_ids.scope = {{ id_scope('audiences', 'voters') }}
    group by audiences.naming_no, person_ids.voter_id
)

select * from persons
