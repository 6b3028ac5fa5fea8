-- Grain: one row per audience + answer of its own partner that earns less than one credit, because it only repeats what the
-- exchange already shows that partner. Kept for all voters, computed for touched ones.
--
-- Only rows that the partner sees reduce its credits: else they would betray a hidden answer. It is shown a window of dates, and
-- is judged by that: from its first day on it may have the answer from here; 90 days after its last day asking again is worth a credit.
-- depends_on: {{ ref('touched_voters') }}
{{ config(
    materialized='incremental',
    incremental_strategy='of_touched_voters',
    unique_key=['audience_id', 'feed_no', 'record_id'],
    indexes=[{'columns': ['voter_id']}],
    meta={'keys': [], 'touched_by': {}},
) }}

with

seen as (
    select
        voter_topic,
        answer_code,
        partner_no
    from {{ ref('seen_responses') }}
),

own_seen as (
    select * from {{ ref('seen_responses') }}
),

others_seen as (
    select * from {{ ref('seen_responses') }}
),

permissions as (
    select * from {{ ref('permissions') }}
    where not is_own
),

contributors as (
    select distinct
        audiences.audience_id,
        audiences.audience_no,
        partners.partner_no
    from {{ ref('audiences') }} as audiences
    inner join {{ ref('dim_partners') }} as partners on audiences.own_partner_id = partners.partner_id
),

-- the few answers that more than one organization has: the rows to compare
told_twice as (
    select
        voter_topic,
        answer_code
    from seen
    group by voter_topic, answer_code
    having min(partner_no) <> max(partner_no)
),

own as (
    select
        contributors.audience_id,
        contributors.audience_no,
        contributors.partner_no,
        own_seen.voter_id,
        own_seen.feed_no,
        own_seen.record_id,
        own_seen.voter_topic,
        own_seen.topic_id,
        own_seen.answer_code,
        own_seen.contact_on
    from own_seen
    inner join told_twice
        on
            own_seen.voter_topic = told_twice.voter_topic
            and own_seen.answer_code = told_twice.answer_code
    inner join contributors
        on
            own_seen.partner_no = contributors.partner_no
            -- of a voter who is the same, only for an audience that is new
            and get_bit(own_seen.audiences, contributors.audience_no - 1) = 1
),

shown_before as (
    select
        own.audience_id,
        own.voter_id,
        own.feed_no,
        own.record_id,
        own.topic_id,
        own.contact_on,
        {{ window_start('others_seen.contact_on', shown_precision('others_seen.contact_on')) }} as shown_from,
        {{ window_end('others_seen.contact_on', shown_precision('others_seen.contact_on')) }} as shown_until
    from own
    inner join others_seen
        on
            own.voter_topic = others_seen.voter_topic
            and own.answer_code = others_seen.answer_code
            and own.partner_no <> others_seen.partner_no
            and get_bit(others_seen.audiences, own.audience_no - 1) = 1
    inner join permissions
        on
            own.audience_id = permissions.audience_id
            and others_seen.profile_no = permissions.profile_no
),

reduced as (
    select
        audience_id,
        voter_id,
        feed_no,
        record_id,
        topic_id,
        contact_on,
        -- 0 days after the window's end: all 90 are lacking
        max(90 - greatest(0, contact_on - shown_until))::smallint as lacking_days
    from shown_before
    where shown_from <= contact_on and contact_on - shown_until < 90
    group by audience_id, voter_id, feed_no, record_id, topic_id, contact_on
)

select * from reduced
