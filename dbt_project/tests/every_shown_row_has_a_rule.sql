-- Deny by default, checked backwards: for each row of another partner there is a share rule in force for this pair, and a
-- shown name has a rule that allows names. Would have caught an outer join that lets rows without a rule through.
{{ config(group='sharing') }}

select distinct
    visible.audience_id,
    feeds.partner_id,
    visible.question_code
from {{ ref('visible_responses') }} as visible
inner join {{ ref('feeds') }} as feeds on visible.feed_id = feeds.feed_id
inner join {{ ref('audiences') }} as audiences on visible.audience_id = audiences.audience_id
where
    not visible.is_own
    and not exists (
        select 1
        from {{ ref('rule_parties') }} as rules
        where
            rules.effect = 'share'
            and rules.contributor_id = feeds.partner_id
            and rules.recipient_id = audiences.partner_id
            and rules.subject in ('responses', '*')
            and rules.question_code in (visible.question_code, '*')
            and (visible.contributor is null or rules.attribution = 'named')
    )
