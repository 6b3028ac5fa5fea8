-- Grain: one row per voter + phone + kind + scope + caller: an opt-out that somebody else told about a phone this voter is
-- known by. Known: the voter file says so, or a live line about the voter; not if any says that it is a wrong number.
{{ config(
    materialized='incremental',
    access='private',
    unique_key=['voter_id', 'phone', 'kind', 'scope', 'caller_partner_id'],
    indexes=[{'columns': ['phone']}, {'columns': ['voter_id']}],
    meta={
        'keys': ['phone'],
        'touched_by': {
            'suppression_reports': ['phone'],
            'int_contact_lines__resolved': ['phone'],
            'dim_voters': ['phone'],
        },
        'tells': ['voter_id'],
    },
) }}

with

reports as (
    select * from {{ ref('suppression_reports') }}
    where {{ touched('phone') }} and phone is not null and kind <> 'wrong_number' and verdict = 'counts'
),

voters as (
    select * from {{ ref('dim_voters') }}
    where {{ touched('phone') }}
),

lines as (
    select * from {{ ref('int_contact_lines__resolved') }}
    where {{ touched('phone') }} and problem is null and voter_id is not null
),

told as (
    select
        voter_id,
        phone,
        '' as told_by,
        false as is_wrong
    from voters
    where phone in (select reports.phone from reports)
    union all
    select
        voter_id,
        phone,
        partner_id as told_by,
        coalesce(contact_result = 'wrong_number', false) as is_wrong
    from lines
    where phone in (select reports.phone from reports)
),

-- a wrong number is one of this voter, not of the household: each edge of person and phone stands for itself
owners as (
    select
        voter_id,
        phone,
        array_agg(distinct told_by) as told_by
    from told
    group by voter_id, phone
    having not bool_or(is_wrong)
),

addressed as (
    select
        owners.voter_id,
        owners.phone,
        reports.kind,
        -- who wants nothing from anybody on this phone has not spoken for the household's doors
        case reports.scope when 'all' then 'channel' else reports.scope end as scope,
        case reports.scope when 'caller' then reports.partner_id else '' end as caller_partner_id,
        reports.reported_on
    from owners
    inner join reports
        on
            owners.phone = reports.phone
            and owners.voter_id is distinct from reports.voter_id
            -- what one caller alone sees must not tell it whom others contact
            and (reports.scope <> 'caller' or owners.told_by && array['', reports.partner_id])
),

spread as (
    select
        voter_id,
        phone,
        kind,
        scope,
        caller_partner_id,
        min(reported_on) as effective_on
    from addressed
    group by voter_id, phone, kind, scope, caller_partner_id
)

select * from spread
