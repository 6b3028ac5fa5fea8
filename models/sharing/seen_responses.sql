-- Grain: one row per live response of a touched voter that some audience may see, with the set of those who may, and of those whom it
-- is the newest answer to its topic for.
--
-- Exact times stay here for ranking only; no published column carries them for another partner's row.
with

scope as (
    select * from {{ ref('touched_voters') }}
),

responses as (
    select * from {{ ref('fct_voter_responses') }}
    where voter_id in (select scope.voter_id from scope)
),

-- whoever has left the voter file is in no view
voters as (
    select
        voter_id,
        state
    from {{ ref('dim_voters') }}
    where voter_id in (select scope.voter_id from scope) and not is_protected
),

feeds as (
    select
        feed_no,
        feed_id
    from {{ ref('dim_feeds') }}
),

profiles as (
    select * from {{ ref('row_profiles') }}
    where subject = 'responses'
),

sight as (
    select * from {{ ref('sight') }}
),

audiences as (
    select distinct
        audience_no,
        is_fresh,
        repeat('0', (max(audience_no) over ())::int)::bit varying as nobody
    from {{ ref('audiences') }}
),

everybody as (
    select
        nobody,
        ~nobody as everybody,
        bit_or(set_bit(nobody, audience_no - 1, is_fresh::int)) as newcomers
    from audiences
    group by nobody
),

seen as (
    select
        responses.voter_id,
        responses.topic_id,
        responses.feed_no,
        responses.record_id,
        feeds.feed_id,
        responses.contact_id,
        responses.partner_no,
        responses.channel_no,
        responses.answer_code,
        responses.contacted_at,
        responses.contact_on,
        responses.on_ballot,
        voters.state,
        profiles.profile_no,
        (sight.audiences & case when scope.is_touched then everybody.everybody else everybody.newcomers end)::bit varying as audiences,
        -- sorted by one number; any smallint fits beside the voter
        responses.voter_id * 65536::bigint + responses.topic_id as voter_topic
    from responses
    inner join scope on responses.voter_id = scope.voter_id
    inner join voters on responses.voter_id = voters.voter_id
    inner join feeds on responses.feed_no = feeds.feed_no
    inner join profiles
        on
            responses.partner_no = profiles.partner_no
            and responses.topic_id = profiles.topic_id
            and responses.channel_no = profiles.channel_no
            and voters.state = profiles.state
    inner join sight
        on
            profiles.profile_no = sight.profile_no
            and responses.contact_on > sight.after_on
            and responses.contact_on <= sight.until_on
    cross join everybody
),

-- one pass for all audiences: a row wins for those who may see it and no newer one
ranked as (
    select
        seen.*,
        (
            seen.audiences
            & ~coalesce(bit_or(seen.audiences) over (newest_first rows between unbounded preceding and 1 preceding), everybody.nobody)
        )::bit varying as won_by,
        min(seen.answer_code) over whole_topic <> max(seen.answer_code) over whole_topic as is_disputed
    from seen
    cross join everybody
    where bit_count(seen.audiences) > 0
    window
        newest_first as (partition by voter_topic order by {{ newest_answer_first() }}),
        whole_topic as (newest_first rows between unbounded preceding and unbounded following)
)

select * from ranked
