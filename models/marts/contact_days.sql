-- Grain: one row per partner + channel + state + day: its contacts of that day. What sharing rules tell rows apart by, and how many
-- there are, without reading the rows.
{{ config(
    materialized='incremental',
    unique_key=['partner_no', 'contact_on', 'channel_no', 'state'],
    indexes=[{'columns': ['partner_no', 'contact_on']}],
    meta={
        'keys': ['partner_no', 'contact_on'],
        'touched_by': {'fct_contacts': ['partner_no', 'contact_on'], 'int_voter_keys': false},
    },
) }}

with

contacts as (
    select * from {{ ref('fct_contacts') }}
    where {{ touched('partner_no, contact_on') }}
),

-- its rows stay for good
voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

counted as (
    select
        contacts.partner_no,
        contacts.contact_on,
        contacts.channel_no,
        voter_keys.state,
        count(*)::int as contact_count
    from contacts
    inner join voter_keys on contacts.voter_id = voter_keys.voter_id
    group by contacts.partner_no, contacts.contact_on, contacts.channel_no, voter_keys.state
)

select * from counted
