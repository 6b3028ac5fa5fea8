-- The firewall, checked on what was built rather than on the rules: between the two sides no contributor's name and no
-- date finer than a month. Would have caught a mask taken from the wrong rule of several that match.
{{ config(group='sharing') }}

with

shown as (
    select
        visible.audience_id,
        feeds.partner_id,
        visible.contributor,
        visible.shown_from,
        visible.shown_until
    from {{ ref('visible_responses') }} as visible
    inner join {{ ref('feeds') }} as feeds on visible.feed_id = feeds.feed_id
    union all
    select
        visible.audience_id,
        contacts.partner_id,
        visible.contributor,
        visible.listed_from as shown_from,
        visible.listed_until as shown_until
    from {{ ref('visible_contacts') }} as visible
    inner join {{ ref('contacts_described') }} as contacts on visible.contact_id = contacts.contact_id
    where visible.is_listed
)

select
    shown.audience_id,
    shown.partner_id,
    shown.contributor
from shown
inner join {{ ref('partners') }} as contributors on shown.partner_id = contributors.partner_id
inner join {{ ref('audiences') }} as audiences on shown.audience_id = audiences.audience_id
inner join {{ ref('partners') }} as recipients on audiences.partner_id = recipients.partner_id
where
    contributors.side <> recipients.side
    and (shown.contributor is not null or shown.shown_until - shown.shown_from < 27)
