-- Grain: one row per voter who left the file for good while exactly one other voter of the state on it had the same first
-- and last name and birth date and no other middle initial or suffix. With two, nobody knows which: no row.
{{ config(
    materialized='incremental',
    unique_key=['voter_id'],
    meta={'keys': [], 'touched_by': {'int_voter_keys': none, 'int_voter_versions': none}, 'compare': false},
) }}
with

versions as (
    select
        versions.*,
        voter_keys.voter_id,
        lower(versions.first_name) as first_key,
        lower(versions.last_name) as last_key,
        lower(left(versions.middle_name, 1)) as middle_initial,
        lower(rtrim(versions.suffix, '.')) as suffix_key
    from {{ ref('int_voter_versions') }} as versions
    inner join {{ ref('int_voter_keys') }} as voter_keys
        on
            versions.state = voter_keys.state
            and versions.state_voter_id = voter_keys.state_voter_id
),

-- a line that was quarantined is no sign of having left
leavers as (
    select
        gone.voter_id,
        gone.state,
        gone._file_id as left_file_id,
        gone.next_file_id,
        last_seen.first_key,
        last_seen.last_key,
        last_seen.birth_on,
        last_seen.middle_initial,
        last_seen.suffix_key
    from versions as gone
    inner join versions as last_seen
        on
            gone.voter_id = last_seen.voter_id
            and gone._file_id = last_seen.until_file_id
    -- an unknown birth date is written as 1800 or 1900, and then agrees with everybody's
    where gone.left_as in ('absent', 'not_registered') and gone.until_file_id is null and last_seen.birth_on >= '1901-01-01'
),

candidates as (
    select
        leavers.voter_id,
        leavers.left_file_id,
        leavers.middle_initial,
        leavers.suffix_key,
        others.voter_id as successor_voter_id,
        others.middle_initial as successor_middle_initial,
        others.suffix_key as successor_suffix_key
    from leavers
    inner join versions as others
        on
            leavers.state = others.state
            and leavers.birth_on = others.birth_on
            and leavers.last_key = others.last_key
            and leavers.first_key = others.first_key
            and leavers.voter_id <> others.voter_id
    -- on the file then, or before the next file that speaks for the leaver: the county moved to may deliver after the one left
    where
        others.is_on_file
        and leavers.left_file_id < coalesce(others.until_file_id, leavers.left_file_id + 1)
        and others._file_id < coalesce(leavers.next_file_id, others._file_id + 1)
),

sole as (
    select
        voter_id,
        left_file_id,
        min(successor_voter_id) as successor_voter_id,
        -- of both sides: who go on as one voter must agree with one another (int_voter_merges)
        min(middle_initial) as middle_initial,
        min(successor_middle_initial) as successor_middle_initial,
        min(suffix_key) as suffix,
        min(successor_suffix_key) as successor_suffix
    from candidates
    -- null: nothing known, nothing against it
    where coalesce(middle_initial = successor_middle_initial, true) and coalesce(suffix_key = successor_suffix_key, true)
    group by voter_id, left_file_id
    having count(distinct successor_voter_id) = 1
)

select * from sole
where {{ touched() }}
