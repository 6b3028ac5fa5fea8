-- Grain: one row per partner + channel + state + day: its contacts of that day. What sharing rules tell rows apart by, and how many
-- there are, without reading the rows.
{{ config(
    materialized='incremental',
    unique_key=['partner_no', 'contact_on', 'channel_no', 'state'],
    indexes=[{'columns': ['partner_no', 'contact_on']}, {'columns': ['partner_no', 'channel_no', 'state', 'contact_on']}],
    meta={
        'keys': ['partner_no', 'contact_on'],
        'touched_by': {
            'fct_contacts': ['partner_no', 'contact_on'],
            'contacts_unshown': ['partner_no', 'contact_on'],
            'int_voter_keys': false,
        },
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
        count(*) as contact_count
    from contacts
    inner join voter_keys on contacts.voter_id = voter_keys.voter_id
    group by contacts.partner_no, contacts.contact_on, contacts.channel_no, voter_keys.state
),

unshown as (
    select
        partner_no,
        contact_on,
        channel_no,
        state,
        count(*) as contact_count
    from {{ ref('contacts_unshown') }}
    where {{ touched('partner_no, contact_on') }}
    group by partner_no, contact_on, channel_no, state
),

days as (
    select
        counted.partner_no,
        counted.contact_on,
        counted.channel_no,
        counted.state,
        counted.contact_count::int as contact_count,
        (counted.contact_count - coalesce(unshown.contact_count, 0))::int as shown_count
    from counted
    left join unshown
        on
            counted.partner_no = unshown.partner_no
            and counted.contact_on = unshown.contact_on
            and counted.channel_no = unshown.channel_no
            and counted.state = unshown.state
)

select * from days
