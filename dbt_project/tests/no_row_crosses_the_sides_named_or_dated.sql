-- The firewall, checked on what was built rather than on the rules: between the two sides no contributor's name and no
-- date finer than a month. Would have caught a mask taken from the wrong rule of several that match.
{{ config(group='sharing') }}

with

shown as (
    select distinct
        audience_id,
        partner_no,
        is_named,
        date_precision
    from {{ ref('winning_responses') }}
    union
    select
        audience_id,
        partner_no,
        is_named,
        listed_precision as date_precision
    from {{ ref('visible_contacts') }}
    where is_listed
)

select
    shown.audience_id,
    shown.partner_no,
    shown.is_named,
    shown.date_precision
from shown
inner join {{ ref('dim_partners') }} as contributors on shown.partner_no = contributors.partner_no
inner join {{ ref('audiences') }} as audiences on shown.audience_id = audiences.audience_id
inner join {{ ref('partners') }} as recipients on audiences.partner_id = recipients.partner_id
where
    contributors.side <> recipients.side
    and (shown.is_named or shown.date_precision = 'day')
