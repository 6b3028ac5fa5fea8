-- Grain: one row per person of coverage_persons + contributor with a contact that some audience may see: the set of other partners'
-- audiences that may, and whose own partners reach the person themselves. Empty unless coverage is due: then one pass over all facts,
-- for all audiences at once.
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

audiences as (
    select distinct
        audience_no,
        own_partner_id,
        repeat('0', (max(audience_no) over ())::int)::bit varying as nobody
    from {{ ref('audiences') }}
),

partners as (
    select * from {{ ref('dim_partners') }}
),

nobody as (
    select distinct nobody from audiences
),

-- each contributor's own audience
owners as (
    select
        partners.partner_no,
        set_bit(audiences.nobody, audiences.audience_no - 1, 1) as audience
    from audiences
    inner join partners on audiences.own_partner_id = partners.partner_id
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

seen as (
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
),

with_owners as (
    select
        seen.voter_id,
        seen.partner_no,
        seen.audiences,
        coalesce(owners.audience, nobody.nobody) as owner
    from seen
    cross join nobody
    left join owners on seen.partner_no = owners.partner_no
),

coverage_reach as (
    select
        voter_id,
        partner_no,
        (audiences & ~owner)::bit varying as audiences,
        (bit_or(audiences & owner) over (partition by voter_id))::bit varying as reached_by
    from with_owners
)

select * from coverage_reach
