-- Grain: one row per voter whom somebody reported as deceased or moved, with the last days on which an official source shows
-- otherwise: a report from before such a day is void.
{{ config(
    materialized='incremental',
    access='private',
    unique_key=['voter_id'],
    indexes=[{'columns': ['voter_id'], 'unique': true}],
    meta={
        'keys': ['voter_id'],
        'touched_by': {
            'int_suppression_reports': ['voter_id'],
            'ballot_status': ['voter_id'],
            'dim_voters_history': ['voter_id'],
        },
        'tells': ['voter_id'],
    },
) }}

with

reported as (
    select distinct voter_id from {{ ref('int_suppression_reports') }}
    where {{ touched('voter_id') }} and voter_id is not null and kind in ('deceased', 'moved')
),

ballots as (
    select * from {{ ref('ballot_status') }}
),

history as (
    select * from {{ ref('dim_voters_history') }}
),

-- not rejected: a ballot that came back undeliverable, or was cancelled, is rejected too
voted as (
    select
        reported.voter_id,
        max(ballots.status_on) as voted_on
    from reported
    inner join ballots on reported.voter_id = ballots.voter_id
    where ballots.ballot_status in ('returned', 'accepted', 'voted_in_person')
    group by reported.voter_id
),

versions as (
    select
        history.voter_id,
        history.valid_from,
        history.has_new_address,
        history.is_on_file and not lag(history.is_on_file) over by_day as is_registered_again
    from reported
    inner join history on reported.voter_id = history.voter_id
    window by_day as (partition by history.voter_id order by history.valid_from)
),

changed as (
    select
        voter_id,
        max(valid_from) filter (where is_registered_again) as registered_again_on,
        max(valid_from) filter (where has_new_address) as new_address_on
    from versions
    group by voter_id
),

disproved as (
    select
        reported.voter_id,
        greatest(voted.voted_on, changed.registered_again_on) as alive_on,
        changed.new_address_on
    from reported
    left join voted on reported.voter_id = voted.voter_id
    left join changed on reported.voter_id = changed.voter_id
)

select * from disproved
