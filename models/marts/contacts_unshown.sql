-- Grain: one row per contact with a voter whom no view shows: protected, or no longer on the voter file.
{{ config(
    materialized='incremental',
    unique_key=['contact_id'],
    indexes=[{'columns': ['voter_id']}],
    meta={
        'keys': ['voter_id'],
        'touched_by': {'fct_contacts': ['voter_id'], 'dim_voters': ['voter_id'], 'int_voter_keys': false},
        'tells': ['partner_no', 'contact_on'],
    },
) }}

with

contacts as (
    select * from {{ ref('fct_contacts') }}
    where {{ touched('voter_id') }}
),

shown_voters as (
    select voter_id from {{ ref('dim_voters') }}
    where not is_protected and {{ touched('voter_id') }}
),

-- its rows stay for good
voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

unshown as (
    select
        contacts.contact_id,
        contacts.voter_id,
        contacts.partner_no,
        contacts.channel_no,
        voter_keys.state,
        contacts.contact_on
    from contacts
    inner join voter_keys on contacts.voter_id = voter_keys.voter_id
    left join shown_voters on contacts.voter_id = shown_voters.voter_id
    where shown_voters.voter_id is null
)

select * from unshown
