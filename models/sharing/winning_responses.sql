-- Grain: one row per audience + touched voter + topic: the newest answer among those the audience may see. Ranking among these is
-- what keeps a hidden answer from showing as a gap (non-interference).
with

seen as (
    select * from {{ ref('seen_responses') }}
),

audiences as (
    select distinct
        audience_id,
        audience_no
    from {{ ref('audiences') }}
),

permissions as (
    select * from {{ ref('permissions') }}
),

-- who sees which code of a topic whose answers differ
codes as (
    select
        voter_topic,
        answer_code,
        bit_or(audiences) as audiences
    from seen
    where is_disputed
    group by voter_topic, answer_code
),

disputes as (
    select
        seen.feed_no,
        seen.record_id,
        bit_or(codes.audiences) as audiences
    from seen
    inner join codes on seen.voter_topic = codes.voter_topic and seen.answer_code <> codes.answer_code
    where seen.is_disputed
    group by seen.feed_no, seen.record_id
),

winning as (
    select
        audiences.audience_id,
        seen.voter_id,
        seen.topic_id,
        seen.state,
        seen.answer_code,
        seen.channel_no,
        seen.contact_id,
        seen.contacted_at,
        seen.contact_on,
        seen.on_ballot,
        seen.feed_id,
        seen.record_id,
        seen.partner_no,
        permissions.is_own,
        coalesce(seen.contact_on <= permissions.named_until, false) as is_named,
        {{ shown_precision('seen.contact_on') }} as date_precision,
        coalesce(get_bit(disputes.audiences, audiences.audience_no - 1) = 1, false) as answers_disagree
    from seen
    inner join audiences on get_bit(seen.won_by, audiences.audience_no - 1) = 1
    inner join permissions
        on
            audiences.audience_id = permissions.audience_id
            and seen.profile_no = permissions.profile_no
    left join disputes
        on
            seen.feed_no = disputes.feed_no
            and seen.record_id = disputes.record_id
)

select * from winning
