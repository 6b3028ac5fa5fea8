-- Grain: one row per audience + person + phone + kind + scope: whom not to contact this way. Always blind, whatever
-- the rules. What binds one caller only is shown to that caller only: another would learn that somebody called.
{{ config(alias='suppressions') }}

with

suppressions as (
    select * from {{ ref('suppressions') }}
),

persons as (
    select * from {{ ref('audience_persons') }}
),

audiences as (
    select distinct
        audience_id,
        states,
        own_partner_id
    from {{ ref('audiences') }}
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
    inner join persons on suppressions.voter_id = persons.voter_id
    inner join audiences on persons.audience_id = audiences.audience_id
    where
        (audiences.states = '*' or suppressions.state = any(string_to_array(audiences.states, ' ')))
        and suppressions.caller_partner_id in ('', audiences.own_partner_id)
)

select * from shown
