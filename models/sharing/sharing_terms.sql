-- Grain: one row per audience + sharing rule + direction, in words, and one per give-to-get limit. What a partner receives blind is
-- never told with the contributor's name, nor with the rule's id or agreement, which may carry it.
with

audiences as (
    select * from {{ ref('audiences') }}
),

partners as (
    select * from {{ ref('partners') }}
),

giving_limits as (
    select * from {{ ref('giving_limits') }}
),

today as (
    select * from {{ ref('today') }}
),

worded as (
    select * from {{ ref('rules_in_words') }}
),

rule_parties as (
    select distinct
        rule_id,
        contributor_id,
        recipient_id
    from {{ ref('rule_parties') }}
),

-- an agreement with somebody who has nothing to share makes no audience: those who read the same terms need not be party to it
contributors as (
    select * from {{ ref('contributors') }}
),

party_names as (
    select
        partner_id as party,
        partner_name as party_name
    from partners
    union all
    select
        '*' as party,
        'every partner' as party_name
    union all
    select
        'group:all' as party,
        'every partner' as party_name
    union all
    select
        'group:coordinated' as party,
        'every coordinated partner' as party_name
    union all
    select
        'group:independent' as party,
        'every independent partner' as party_name
),

gives as (
    select distinct
        audiences.audience_id,
        'i_share' as direction,
        worded.rule_id,
        concat(
            case worded.effect when 'share' then 'You share ' else 'You do not share ' end,
            worded.what, ' with ', coalesce(party_names.party_name, 'a group of partners'), worded.how, '.'
        ) as term,
        worded.valid_from as since,
        worded.valid_until as until,
        worded.agreement
    from audiences
    inner join rule_parties on audiences.partner_id = rule_parties.contributor_id
    inner join worded on rule_parties.rule_id = worded.rule_id
    left join party_names on worded.recipient = party_names.party
),

received_rules as (
    select distinct
        audiences.audience_id,
        case when worded.attribution = 'named' then worded.rule_id end as rule_id,
        concat(
            case when audiences.is_below_limit then 'If you gave enough, you would receive ' else 'You receive ' end,
            worded.what, ' from ',
            case
                when worded.attribution = 'named' then coalesce(party_names.party_name, 'a group of partners') else 'other organizations'
            end,
            worded.how, '.'
        ) as term,
        worded.valid_from,
        worded.valid_until,
        case when worded.attribution = 'named' then worded.agreement end as agreement
    from audiences
    inner join rule_parties on audiences.partner_id = rule_parties.recipient_id
    inner join contributors on rule_parties.contributor_id = contributors.partner_id
    inner join worded on rule_parties.rule_id = worded.rule_id and worded.effect = 'share'
    left join party_names on worded.contributor = party_names.party
),

-- blind rules that read alike are one line: their number would count the contributors
receives as (
    select
        audience_id,
        'i_receive' as direction,
        rule_id,
        term,
        nullif(min(coalesce(valid_from, '-infinity')), '-infinity') as since,
        nullif(max(coalesce(valid_until, 'infinity')), 'infinity') as until,
        agreement
    from received_rules
    group by audience_id, rule_id, term, agreement
),

limits as (
    select distinct
        audiences.audience_id,
        'i_receive' as direction,
        null as rule_id,
        concat(
            'You receive what others share only while you gave at least ', giving_limits.min_answers,
            case giving_limits.min_answers when 1 then ' answer' else ' answers' end, ' in ', giving_limits.window_days,
            case giving_limits.window_days when 1 then ' day' else ' days' end, ', by contact date. Until ', today.today, ' you gave ',
            giving_limits.given_answers,
            case when giving_limits.is_met then ': enough.' else ': too few, so you receive nothing of others.' end
        ) as term,
        null::date as since,
        null::date as until,
        null as agreement
    from audiences
    inner join giving_limits on audiences.partner_id = giving_limits.partner_id
    cross join today
),

sharing_terms as (
    select * from gives
    union all
    select * from receives
    union all
    select * from limits
)

select * from sharing_terms
