-- Grain: one row per voter whose registration went on under another id, with the voter it is now (chains A -> B -> C lead
-- to C). A function of what was delivered: a voter who returns to the file is no longer merged.
{{ config(
    materialized='incremental',
    unique_key=['merged_voter_id'],
    meta={'keys': [], 'touched_by': {'int_voter_successors': none}, 'compare': false},
) }}
with recursive

successors as (
    select * from {{ ref('int_voter_successors') }}
),

-- ends: a successor leaves the file later than the voter it succeeds
chains as (
    select
        voter_id as merged_voter_id,
        successor_voter_id as voter_id,
        left_file_id
    from successors
    union all
    select
        chains.merged_voter_id,
        successors.successor_voter_id as voter_id,
        chains.left_file_id
    from chains
    inner join successors on chains.voter_id = successors.voter_id
),

ends as (
    select chains.*
    from chains
    left join successors on chains.voter_id = successors.voter_id
    where successors.voter_id is null
),

-- J. Doe and K. Doe cannot both be the Doe without initial: then neither is
contradicted as (
    select ends.voter_id
    from ends
    inner join successors on ends.merged_voter_id = successors.voter_id
    cross join
        lateral (
            values
            (successors.middle_initial, successors.suffix),
            (successors.successor_middle_initial, successors.successor_suffix)
        ) as sides (middle_initial, suffix)
    group by ends.voter_id
    having count(distinct sides.middle_initial) > 1 or count(distinct sides.suffix) > 1
),

merged as (
    select
        ends.merged_voter_id,
        ends.voter_id,
        ends.left_file_id
    from ends
    left join contradicted on ends.voter_id = contradicted.voter_id
    where contradicted.voter_id is null
)

select * from merged
where {{ touched() }}
