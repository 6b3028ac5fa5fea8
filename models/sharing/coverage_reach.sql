-- Grain: one row per person of coverage_persons + contributor with a contact that some audience may see: the set of audiences that
-- may. Empty unless coverage is due: then one pass over all facts, for all audiences at once.
{{ config(tags=['coverage']) }}

with

persons as (
    select
        voter_id,
        state
    from {{ ref('coverage_persons') }}
),

contacts as (
    select * from {{ ref('fct_contacts') }}
    where exists (select from persons)
),

responses as (
    select * from {{ ref('fct_voter_responses') }}
    where exists (select from persons)
),

contact_profiles as (
    select * from {{ ref('row_profiles') }}
    where subject = 'contacts'
),

response_profiles as (
    select * from {{ ref('row_profiles') }}
    where subject = 'responses'
),

sight as (
    select * from {{ ref('sight') }}
),

-- a contact is visible when its own row is, or when one of its answers is
rows_of_contacts as (
    select
        contacts.voter_id,
        contacts.partner_no,
        contacts.contact_on,
        contact_profiles.profile_no
    from contacts
    inner join persons on contacts.voter_id = persons.voter_id
    inner join contact_profiles
        on
            contacts.partner_no = contact_profiles.partner_no
            and contacts.channel_no = contact_profiles.channel_no
            and persons.state = contact_profiles.state
    union all
    select
        responses.voter_id,
        responses.partner_no,
        responses.contact_on,
        response_profiles.profile_no
    from responses
    inner join persons on responses.voter_id = persons.voter_id
    inner join response_profiles
        on
            responses.partner_no = response_profiles.partner_no
            and responses.topic_id = response_profiles.topic_id
            and responses.channel_no = response_profiles.channel_no
            and persons.state = response_profiles.state
),

coverage_reach as (
    select
        rows_of_contacts.voter_id,
        rows_of_contacts.partner_no,
        bit_or(sight.audiences)::bit varying as audiences
    from rows_of_contacts
    inner join sight
        on
            rows_of_contacts.profile_no = sight.profile_no
            and rows_of_contacts.contact_on > sight.after_on
            and rows_of_contacts.contact_on <= sight.until_on
    group by rows_of_contacts.voter_id, rows_of_contacts.partner_no
)

select * from coverage_reach
