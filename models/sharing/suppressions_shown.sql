-- Grain: one row per audience + touched person + phone + kind + scope: whom not to contact this way. Always blind, whatever
-- the rules: of people in the audience's states, and of those its own partner contacted elsewhere. What binds one caller only is
-- shown to that caller only: another would learn that somebody called.
{{ config(alias='suppressions') }}

with

scope as (
    select * from {{ ref('touched_voters') }}
),

suppressions as (
    select * from {{ ref('suppressions') }}
    where voter_id in (select scope.voter_id from scope)
),

persons as (
    select * from {{ ref('persons') }}
),

audiences as (
    select distinct
        audience_id,
        naming_no,
        is_fresh,
        states,
        own_partner_id
    from {{ ref('audiences') }}
),

own_contacts as (
    select distinct
        audience_id,
        voter_id
    from {{ ref('visible_contacts') }}
    where is_own
),

shown as (
    select
        audiences.audience_id,
        suppressions.voter_id,
        persons.person_id,
        nullif(suppressions.phone, '') as phone,
        suppressions.scope,
        suppressions.kind,
        suppressions.effective_on
    from suppressions
    inner join scope on suppressions.voter_id = scope.voter_id
    inner join persons on suppressions.voter_id = persons.voter_id
    inner join audiences
        on
            persons.naming_no = audiences.naming_no
            and (scope.is_touched or audiences.is_fresh)
    left join own_contacts
        on
            audiences.audience_id = own_contacts.audience_id
            and suppressions.voter_id = own_contacts.voter_id
    where
        (
            audiences.states = '*'
            or suppressions.state = any(string_to_array(audiences.states, ' '))
            or own_contacts.voter_id is not null
        )
        and suppressions.caller_partner_id in ('', audiences.own_partner_id)
)

select * from shown
