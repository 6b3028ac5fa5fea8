-- Deny by default, checked backwards: for each row of another partner there is a share rule in force for this pair, and a
-- shown name has a rule that allows names. Would have caught an outer join that lets rows without a rule through.
{{ config(group='sharing') }}

with

shown as (
    select
        visible.audience_id,
        feeds.partner_id,
        'responses' as subject,
        visible.question_code,
        visible.contributor
    from {{ ref('visible_responses') }} as visible
    inner join {{ ref('feeds') }} as feeds on visible.feed_id = feeds.feed_id
    where not visible.is_own
    union
    select
        visible.audience_id,
        contacts.partner_id,
        'contacts' as subject,
        '*' as question_code,
        visible.contributor
    from {{ ref('visible_contacts') }} as visible
    inner join {{ ref('contacts_described') }} as contacts on visible.contact_id = contacts.contact_id
    where visible.is_listed and not visible.is_own
)

select shown.*
from shown
inner join {{ ref('audiences') }} as audiences on shown.audience_id = audiences.audience_id
where
    not exists (
        select 1
        from {{ ref('rule_parties') }} as rules
        where
            rules.effect = 'share'
            and rules.contributor_id = shown.partner_id
            and rules.recipient_id = audiences.partner_id
            and rules.subject in (shown.subject, '*')
            and rules.question_code in (shown.question_code, '*')
            and (shown.contributor is null or rules.attribution = 'named')
    )
