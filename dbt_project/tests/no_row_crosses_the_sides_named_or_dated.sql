-- The firewall, checked on what was built rather than on the rules: between the two sides no contributor's name and no
-- date finer than a month. Would have caught a mask taken from the wrong rule of several that match.
{{ config(group='sharing') }}

select
    visible.audience_id,
    visible.feed_id,
    visible.record_id
from {{ ref('visible_responses') }} as visible
inner join {{ ref('feeds') }} as feeds on visible.feed_id = feeds.feed_id
inner join {{ ref('partners') }} as contributors on feeds.partner_id = contributors.partner_id
inner join {{ ref('audiences') }} as audiences on visible.audience_id = audiences.audience_id
inner join {{ ref('partners') }} as recipients on audiences.partner_id = recipients.partner_id
where
    contributors.side <> recipients.side
    and (visible.contributor is not null or visible.shown_until - visible.shown_from < 27)
