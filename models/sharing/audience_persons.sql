-- Grain: one row per audience + voter who has an id in the audience's own namespace: whom its views can name at all.
with

audiences as (
    select distinct
        audience_id,
        id_namespace,
        id_scope
    from {{ ref('audiences') }}
),

person_ids as (
    select * from {{ ref('person_ids') }}
),

namespaces as (
    select * from {{ ref('id_namespaces') }}
),

persons as (
    select
        audiences.audience_id,
        person_ids.voter_id,
        -- several ids of one person in one namespace: always the same one, in byte order
        min(person_ids.external_id collate "C") as person_id -- noqa: RF02
    from audiences
    inner join namespaces on audiences.id_namespace = namespaces.namespace
    inner join person_ids
        on
            audiences.id_namespace = person_ids.namespace
            and (
                person_ids.scope = upper(audiences.id_scope)
                or person_ids.scope = audiences.id_scope
                -- without a scope: national ids, or each person's own state's
                or audiences.id_scope is null
                or namespaces.scope_kind = 'none'
            )
    group by audiences.audience_id, person_ids.voter_id
)

select * from persons
