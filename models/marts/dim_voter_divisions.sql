-- Grain: one row per voter + day from which other divisions' contests are on the voter's ballot. The days of a voter leave no gap:
-- the first row holds since ever, because a voter lived somewhere before we first saw a file; the last one until further notice.
{{ config(
    materialized='incremental',
    unique_key=['voter_id', 'valid_from'],
    indexes=[{'columns': ['voter_id', 'valid_from'], 'unique': true}],
    meta={'keys': ['voter_id'], 'touched_by': {'dim_voters_history': ['voter_id']}, 'tells': ['voter_id']},
) }}

with

history as (
    select * from {{ ref('dim_voters_history') }}
    where {{ touched('voter_id') }}
),

counties as (
    select * from {{ ref('counties') }}
),

divided as (
    select
        history.voter_id,
        history.valid_from,
        -- no contest is on the ballot of somebody who is not registered
        case
            when history.is_on_file
                then {{ voter_divisions('history', 'counties.division_id', 'history.place_division_id') }}
            else '{}'
        end as division_ids
    from history
    left join counties on history.county_fips = counties.county_fips
),

compared as (
    select
        divided.*,
        lag(divided.division_ids) over (partition by divided.voter_id order by divided.valid_from) as divisions_before
    from divided
),

periods as (
    select
        voter_id,
        case when divisions_before is null then '-infinity' else valid_from end as valid_from,
        coalesce(lead(valid_from) over (partition by voter_id order by valid_from) - 1, 'infinity') as valid_until,
        division_ids
    from compared
    where division_ids is distinct from divisions_before
)

select * from periods
