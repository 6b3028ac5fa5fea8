-- Grain: one row per audience + contact it may see: as a contact (is_listed), or only through an answer given in it.
-- shown_from and shown_until are the narrowest window any of these gives.
with

contacts as (
    select * from {{ ref('contacts_described') }}
),

audiences as (
    select distinct
        audience_id,
        own_partner_id
    from {{ ref('audiences') }}
),

permissions as (
    select * from {{ ref('permissions') }}
    where subject = 'contacts'
),

visible_responses as (
    select * from {{ ref('visible_responses') }}
),

own as (
    select
        audiences.audience_id,
        contacts.contact_id,
        contacts.partner_id as contributor,
        contacts.contact_on,
        'day' as date_precision
    from contacts
    inner join audiences on contacts.partner_id = audiences.own_partner_id
),

permitted as (
    select
        permissions.audience_id,
        contacts.contact_id,
        case when contacts.contact_on <= permissions.named_until then contacts.partner_id end as contributor,
        contacts.contact_on,
        {{ shown_precision('contacts.contact_on') }} as date_precision
    from contacts
    inner join permissions
        on
            contacts.partner_id = permissions.partner_id
            and contacts.state = permissions.state
            and contacts.channel = permissions.channel
            and contacts.contact_on <= permissions.shown_until
),

listed as (
    select * from own
    union all
    select * from permitted
),

listed_windows as (
    select
        audience_id,
        contact_id,
        contributor,
        date_precision as listed_precision,
        {{ window_start('contact_on', 'date_precision') }} as listed_from,
        {{ window_end('contact_on', 'date_precision') }} as listed_until
    from listed
),

answered_windows as (
    select
        audience_id,
        contact_id,
        max(shown_from) as shown_from,
        min(shown_until) as shown_until
    from visible_responses
    group by audience_id, contact_id
),

seen as (
    select
        audience_id,
        contact_id
    from listed_windows
    union
    select
        audience_id,
        contact_id
    from answered_windows
),

visible as (
    select
        seen.audience_id,
        contacts.contact_id,
        contacts.voter_id,
        contacts.state,
        -- what the contact's own row says; of an answer's contact that row may be hidden
        case when listed_windows.audience_id is not null then contacts.channel end as channel,
        case when listed_windows.audience_id is not null then contacts.contact_result end as contact_result,
        case when contacts.partner_id = audiences.own_partner_id then contacts.contact_on end as contact_on,
        audiences.own_partner_id is not null and contacts.partner_id = audiences.own_partner_id as is_own,
        listed_windows.audience_id is not null as is_listed,
        listed_windows.contributor,
        listed_windows.listed_precision,
        listed_windows.listed_from,
        listed_windows.listed_until,
        greatest(listed_windows.listed_from, answered_windows.shown_from) as shown_from,
        least(listed_windows.listed_until, answered_windows.shown_until) as shown_until
    from seen
    inner join contacts on seen.contact_id = contacts.contact_id
    inner join audiences on seen.audience_id = audiences.audience_id
    left join listed_windows
        on
            seen.audience_id = listed_windows.audience_id
            and seen.contact_id = listed_windows.contact_id
    left join answered_windows
        on
            seen.audience_id = answered_windows.audience_id
            and seen.contact_id = answered_windows.contact_id
)

select * from visible
