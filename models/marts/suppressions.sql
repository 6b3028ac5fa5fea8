-- Grain: one row per voter + phone + kind + scope + caller that must not be contacted (again) this way.
{{ config(
    materialized='incremental',
    unique_key=['voter_id', 'phone', 'kind', 'scope', 'caller_partner_id'],
    indexes=[{'columns': ['voter_id']}],
    meta={
        'keys': ['voter_id'],
        'touched_by': {
            'suppression_reports': ['voter_id'],
            'suppressions_by_phone': ['voter_id'],
            'dim_voters': ['voter_id'],
            'dim_voters_history': ['voter_id'],
        },
        'tells': ['voter_id'],
    },
) }}

with

reports as (
    select * from {{ ref('suppression_reports') }}
    where {{ touched('voter_id') }} and voter_id is not null and verdict = 'counts'
),

by_phone as (
    select * from {{ ref('suppressions_by_phone') }}
    where {{ touched('voter_id') }}
),

voters as (
    select * from {{ ref('dim_voters') }}
    where {{ touched('voter_id') }}
),

history as (
    select * from {{ ref('dim_voters_history') }}
    where {{ touched('voter_id') }} and registration_status in ('deceased', 'moved')
),

-- an official source: it needs no second one. Its word is the status that the voter file gives now.
official as (
    select
        voters.voter_id,
        voters.registration_status as kind,
        min(history.valid_from) as effective_on
    from voters
    inner join history
        on
            voters.voter_id = history.voter_id
            and voters.registration_status = history.registration_status
    group by voters.voter_id, voters.registration_status
),

known as (
    select
        voter_id,
        coalesce(phone, '') as phone,
        kind,
        scope,
        case scope when 'caller' then partner_id else '' end as caller_partner_id,
        reported_on as effective_on
    from reports
    union all
    select
        voter_id,
        phone,
        kind,
        scope,
        caller_partner_id,
        effective_on
    from by_phone
    union all
    select
        voter_id,
        '' as phone,
        kind,
        'all' as scope,
        '' as caller_partner_id,
        effective_on
    from official
),

suppressions as (
    select
        known.voter_id,
        voters.state,
        known.phone,
        known.scope,
        known.kind,
        known.caller_partner_id,
        min(known.effective_on) as effective_on
    from known
    inner join voters on known.voter_id = voters.voter_id
    group by known.voter_id, voters.state, known.phone, known.scope, known.kind, known.caller_partner_id
)

select * from suppressions
