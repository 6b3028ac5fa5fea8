-- Deny by default, checked backwards: for each row of another partner there is a share rule in force for this pair, and a
-- shown name has a rule that allows names. Would have caught an outer join that lets rows without a rule through.
{{ config(group='sharing') }}

with

shown as (
    select
        visible.audience_id,
        partners.partner_id,
        'responses' as subject,
        topics.question_code,
        visible.is_named
    from {{ ref('winning_responses') }} as visible
    inner join {{ ref('dim_partners') }} as partners on visible.partner_no = partners.partner_no
    inner join {{ ref('dim_topics') }} as topics on visible.topic_id = topics.topic_id
    where not visible.is_own
    union
    select
        visible.audience_id,
        partners.partner_id,
        'contacts' as subject,
        '*' as question_code,
        visible.is_named
    from {{ ref('visible_contacts') }} as visible
    inner join {{ ref('dim_partners') }} as partners on visible.partner_no = partners.partner_no
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
            and (not shown.is_named or rules.attribution = 'named')
    )
