-- Grain: one row per audience + contact that is listed to it, as its partners read it.
with

visible_contacts as (
    select * from {{ ref('visible_contacts') }}
    where is_listed
),

persons as (
    select * from {{ ref('audience_persons') }}
),

contacts as (
    select
        visible_contacts.audience_id,
        visible_contacts.voter_id,
        visible_contacts.contact_id,
        persons.person_id,
        visible_contacts.state,
        visible_contacts.channel,
        visible_contacts.contact_result,
        visible_contacts.listed_from as contacted_from,
        visible_contacts.listed_until as contacted_until,
        visible_contacts.contributor,
        visible_contacts.is_own
    from visible_contacts
    inner join persons
        on
            visible_contacts.audience_id = persons.audience_id
            and visible_contacts.voter_id = persons.voter_id
)

select * from contacts
