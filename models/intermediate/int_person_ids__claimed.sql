-- Grain: one row per namespace + scope + external_id + voter: every claim that this id means this voter.
with

voters as (
    select * from {{ ref('int_voters__latest') }}
),

voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

person_ids as (
    select * from {{ ref('int_person_ids__delivered') }}
    where delivery_status = 'live' and problem is null
),

current_voters as (
    select
        voter_keys.voter_id,
        voter_keys.state,
        voter_keys.state_voter_id
    from voters
    inner join voter_keys
        on
            voters.state = voter_keys.state
            and voters.state_voter_id = voter_keys.state_voter_id
),

claims as (
    select
        'state_voter_id' as namespace,
        state as scope,
        state_voter_id as external_id,
        voter_id
    from current_voters
    union
    select
        'exchange' as namespace,
        null as scope,
        voter_id::text as external_id,
        voter_id
    from current_voters
    union
    select
        person_ids.namespace,
        person_ids.scope,
        person_ids.external_id,
        current_voters.voter_id
    from person_ids
    inner join current_voters
        on
            person_ids.state = current_voters.state
            and person_ids.state_voter_id = current_voters.state_voter_id
)

select * from claims
