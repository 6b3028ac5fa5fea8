-- Grain: one row per audience + contact with a touched voter that it may see: as a contact (is_listed), or only through an answer
-- given in it. shown_until ends the narrowest window that any of these gives, answered_until the earliest that its answers give;
-- channels are those of its visible rows: the lines of one conversation may differ.
with

scope as (
    select * from {{ ref('touched_voters') }}
),

contacts as (
    select * from {{ ref('fct_contacts') }}
    where voter_id in (select scope.voter_id from scope)
),

voters as (
    select
        voter_id,
        state
    from {{ ref('dim_voters') }}
    where voter_id in (select scope.voter_id from scope) and not is_protected
),

audiences as (
    select distinct
        audience_id,
        is_fresh
    from {{ ref('audiences') }}
),

responses as (
    select * from {{ ref('seen_responses') }}
),

profiles as (
    select * from {{ ref('row_profiles') }}
    where subject = 'contacts'
),

permissions as (
    select * from {{ ref('permissions') }}
),

-- the contact's own row, and its answers: those that rules treat alike once
rows_of_contact as (
    select
        contacts.contact_id,
        contacts.voter_id,
        true as is_listed,
        contacts.channel_no,
        contacts.contact_on,
        profiles.profile_no
    from contacts
    inner join voters on contacts.voter_id = voters.voter_id
    inner join profiles
        on
            contacts.partner_no = profiles.partner_no
            and contacts.channel_no = profiles.channel_no
            and voters.state = profiles.state
    union all
    select distinct
        contact_id,
        voter_id,
        false as is_listed,
        channel_no,
        contact_on,
        profile_no
    from responses
),

shown as (
    select
        permissions.audience_id,
        rows_of_contact.contact_id,
        rows_of_contact.is_listed,
        permissions.is_own,
        rows_of_contact.contact_on <= permissions.named_until as is_named,
        rows_of_contact.channel_no,
        rows_of_contact.contact_on,
        {{ shown_precision('rows_of_contact.contact_on') }} as date_precision
    from rows_of_contact
    inner join scope on rows_of_contact.voter_id = scope.voter_id
    inner join permissions
        on
            rows_of_contact.profile_no = permissions.profile_no
            and rows_of_contact.contact_on <= permissions.shown_until
    inner join audiences
        on
            permissions.audience_id = audiences.audience_id
            and (scope.is_touched or audiences.is_fresh)
),

windows as (
    select
        *,
        {{ window_end('contact_on', 'date_precision') }} as window_until
    from shown
),

together as (
    select
        audience_id,
        contact_id,
        bool_or(is_own) as is_own,
        bool_or(is_listed) as is_listed,
        coalesce(bool_or(is_named) filter (where is_listed), false) as is_named,
        min(date_precision) filter (where is_listed) as listed_precision,
        bit_or(1 << (channel_no - 1))::smallint as channels,
        min(window_until) as shown_until,
        min(window_until) filter (where not is_listed) as answered_until
    from windows
    group by audience_id, contact_id
),

visible as (
    select
        together.audience_id,
        contacts.contact_id,
        contacts.voter_id,
        contacts.partner_no,
        contacts.channel_no,
        contacts.result_no,
        contacts.contact_on,
        voters.state,
        together.is_own,
        together.is_listed,
        together.is_named,
        together.listed_precision,
        together.channels,
        together.shown_until,
        together.answered_until
    from together
    inner join contacts on together.contact_id = contacts.contact_id
    inner join voters on contacts.voter_id = voters.voter_id
)

select * from visible
