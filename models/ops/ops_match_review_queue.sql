-- Grain: one row per identity that waits for a person's decision, with its best candidates; the likeliest first
-- (queue_position). A decision is imported with `exchange review import`.
with

matches as (
    select
        *,
        row_number() over (
            order by posterior desc nulls last, feed_id collate "C" asc, identity_key collate "C" asc
        )::int as queue_position
    from {{ source('matching', 'matches') }}
    where status = 'review'
),

identities as (
    select * from {{ ref('int_identities') }}
),

feeds as (
    select * from {{ ref('feeds') }}
),

voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

-- a line may tell several facts
waiting_lines as (
    select distinct
        feed_id,
        identity_key,
        _file_id,
        _row_number
    from {{ ref('int_contact_lines__resolved') }}
    where match_status = 'review'
),

lines as (
    select
        feed_id,
        identity_key,
        count(*)::int as line_count
    from waiting_lines
    group by feed_id, identity_key
),

queue as (
    select
        matches.queue_position,
        feeds.partner_id,
        matches.feed_id,
        matches.identity_key,
        coalesce(lines.line_count, 0) as line_count,
        case
            when matches.rule = 'id_conflict' then 'The delivered id leads to a voter whose name or birth date differs'
            when identities.id_voter_id is not null then 'The delivered id is not confirmed by what else is known'
            when matches.runner_up_posterior >= 0.02 then 'More than one voter may be the person'
            else 'The best candidate is not certain enough'
        end as why,
        identities.id_voter_id,
        matches.candidate_voter_id,
        candidates.state as candidate_state,
        candidates.state_voter_id as candidate_state_voter_id,
        matches.posterior,
        matches.threshold,
        matches.weight,
        matches.runner_up_voter_id,
        runners_up.state as runner_up_state,
        runners_up.state_voter_id as runner_up_state_voter_id,
        matches.runner_up_posterior,
        matches.model_version,
        matches.run_id
    from matches
    inner join feeds on matches.feed_id = feeds.feed_id
    left join identities
        on
            matches.feed_id = identities.feed_id
            and matches.identity_key = identities.identity_key
    left join lines
        on
            matches.feed_id = lines.feed_id
            and matches.identity_key = lines.identity_key
    left join voter_keys as candidates on matches.candidate_voter_id = candidates.voter_id
    left join voter_keys as runners_up on matches.runner_up_voter_id = runners_up.voter_id
)

select * from queue
