-- Grain: one row per contact: one conversation or attempt of one partner with one voter, whichever of its tools tell of it.
{{ config(
    materialized='incremental',
    unique_key=['contact_id'],
    indexes=[
        {'columns': ['contact_id'], 'unique': true},
        {'columns': ['voter_id', 'partner_no']},
        {'columns': ['partner_no', 'contact_on']},
    ],
    meta={
        'keys': ['partner_no', 'voter_id'],
        'touched_by': {'contact_sources': ['partner_no', 'voter_id']},
        'tells': ['partner_no', 'voter_id', 'contact_on'],
    },
) }}

with

sources as (
    select * from {{ ref('contact_sources') }}
    where {{ touched('partner_no, voter_id') }}
),

contact_results as (
    select * from {{ ref('contact_results') }}
),

ranked as (
    select
        sources.*,
        contact_results.result_rank,
        row_number() over earliest_first as source_number
    from sources
    left join contact_results on sources.result_no = contact_results.result_no
    window earliest_first as (
        partition by sources.contact_id
        order by sources.contacted_at, sources.is_copy, sources.contact_source collate "C", sources.source_contact_key collate "C"
    )
),

contacts as (
    select
        contact_id,
        partner_no,
        voter_id,
        -- as the lines of one conversation: the earliest source tells day and channel, of several results the most telling one
        min(channel_no) filter (where source_number = 1) as channel_no,
        (min(result_rank * 32768 + result_no) % 32768)::smallint as result_no,
        min(contacted_at) as contacted_at,
        min(contact_on) filter (where source_number = 1) as contact_on,
        count(*)::smallint as source_count
    from ranked
    group by contact_id, partner_no, voter_id
)

select * from contacts
