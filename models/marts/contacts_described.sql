-- Grain: one row per contact, as fct_contacts has it, in words.
{{ config(materialized='view') }}

with

contacts as (
    select * from {{ ref('fct_contacts') }}
),

partners as (
    select * from {{ ref('dim_partners') }}
),

channels as (
    select * from {{ ref('channels') }}
),

contact_results as (
    select * from {{ ref('contact_results') }}
),

voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

described as (
    select
        contacts.contact_id,
        partners.partner_id,
        contacts.voter_id,
        voter_keys.state,
        channels.channel,
        contact_results.contact_result,
        contact_results.contact_result_label,
        contacts.contacted_at,
        contacts.contact_on,
        contacts.source_count
    from contacts
    inner join partners on contacts.partner_no = partners.partner_no
    inner join channels on contacts.channel_no = channels.channel_no
    inner join voter_keys on contacts.voter_id = voter_keys.voter_id
    left join contact_results on contacts.result_no = contact_results.result_no
)

select * from described
