-- Grain: one row per audience + contact with a touched voter that is listed to it, as its partners read it.
with

visible_contacts as (
    select * from {{ ref('visible_contacts') }}
    where is_listed
),

audiences as (
    select distinct
        audience_id,
        naming_no
    from {{ ref('audiences') }}
),

persons as (
    select * from {{ ref('persons') }}
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

contacts as (
    select
        visible_contacts.audience_id,
        visible_contacts.voter_id,
        visible_contacts.contact_id,
        persons.person_id,
        visible_contacts.state,
        channels.channel,
        contact_results.contact_result,
        {{ window_start('visible_contacts.contact_on', 'visible_contacts.listed_precision') }} as contacted_from,
        {{ window_end('visible_contacts.contact_on', 'visible_contacts.listed_precision') }} as contacted_until,
        case when visible_contacts.is_named then partners.partner_id end as contributor,
        visible_contacts.is_own
    from visible_contacts
    inner join audiences on visible_contacts.audience_id = audiences.audience_id
    inner join persons
        on
            audiences.naming_no = persons.naming_no
            and visible_contacts.voter_id = persons.voter_id
    inner join partners on visible_contacts.partner_no = partners.partner_no
    inner join channels on visible_contacts.channel_no = channels.channel_no
    left join contact_results on visible_contacts.result_no = contact_results.result_no
)

select * from contacts
