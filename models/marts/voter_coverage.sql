-- Grain: one row per voter registered on the voter file now: how many partners try to contact and talk with this voter, or nobody.
{{ config(
    materialized='incremental',
    unique_key=['voter_id'],
    indexes=[{'columns': ['voter_id']}],
    meta={
        'keys': ['voter_id'],
        'touched_by': {'dim_voters': ['voter_id'], 'coverage': ['voter_id']},
        'tells': ['voter_id'],
    },
) }}

with

voters as (
    select * from {{ ref('dim_voters') }}
    where {{ touched('voter_id') }}
),

coverage as (
    select * from {{ ref('coverage') }}
    where {{ touched('voter_id') }}
),

summed as (
    select
        voter_id,
        count(*) as partner_count,
        count(last_conversation_on) as conversation_partner_count,
        sum(attempt_count) as attempt_count,
        sum(conversation_count) as conversation_count,
        sum(response_count) as response_count,
        max(last_attempt_on) as last_attempt_on,
        max(last_conversation_on) as last_conversation_on
    from coverage
    group by voter_id
),

covered as (
    select
        voters.voter_id,
        coalesce(summed.partner_count, 0)::int as partner_count,
        coalesce(summed.conversation_partner_count, 0)::int as conversation_partner_count,
        coalesce(summed.attempt_count, 0)::int as attempt_count,
        coalesce(summed.conversation_count, 0)::int as conversation_count,
        coalesce(summed.response_count, 0)::int as response_count,
        summed.last_attempt_on,
        summed.last_conversation_on,
        case coalesce(summed.partner_count, 0)
            when 0 then 'none'
            when 1 then 'one'
            else 'several'
        end as reached_by
    from voters
    left join summed on voters.voter_id = summed.voter_id
)

select * from covered
