-- Grain: one row per state + state_voter_id that leads to a voter on the file now: the voter's own (is_inherited false), or
-- that of a registration that went on under the voter's.
{{ config(
    materialized='incremental',
    unique_key=['state', 'state_voter_id'],
    meta={
        'keys': [],
        'touched_by': {
            'int_voter_keys': none,
            'int_voter_merges': none,
            'int_voters__latest': none,
        },
        'tells': ['voter_id'],
    },
) }}
with

voters as (
    select * from {{ ref('int_voters__latest') }}
),

voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

merged as (
    select * from {{ ref('int_voter_merges') }}
),

own as (
    select
        voters.state,
        voters.state_voter_id,
        voter_keys.voter_id,
        voter_keys.voter_id as own_voter_id,
        false as is_inherited,
        voters.feed_id
    from voters
    inner join voter_keys
        on
            voters.state = voter_keys.state
            and voters.state_voter_id = voter_keys.state_voter_id
),

inherited as (
    select
        voter_keys.state,
        voter_keys.state_voter_id,
        own.voter_id,
        merged.merged_voter_id as own_voter_id,
        true as is_inherited,
        own.feed_id
    from merged
    inner join own on merged.voter_id = own.voter_id
    inner join voter_keys on merged.merged_voter_id = voter_keys.voter_id
),

survivors as (
    select * from own
    union all
    select * from inherited
)

select * from survivors
where {{ touched() }}
