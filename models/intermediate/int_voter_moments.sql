-- Grain: one row per voter + file with which the voter's record became another, came onto the voter file or left it.
-- Files are counted in order of intake; what several feeds of a state say, the newest file decides.
{{ config(
    materialized='incremental',
    unique_key=['state', 'state_voter_id', '_file_id'],
    meta={'keys': [], 'touched_by': {'int_voter_lines': none, 'int_voter_silences': none}, 'compare': false},
) }}
with

lines as (
    select * from {{ ref('int_voter_lines') }}
    where told = 'registered'
),

silences as (
    select * from {{ ref('int_voter_silences') }}
),

told as (
    select
        state,
        state_voter_id,
        _file_id,
        feed_id,
        slice,
        told,
        record_digest,
        _file_id as line_file_id,
        _row_number as line_row_number,
        true as is_line
    from lines
    union all
    select
        silences.*,
        false as is_line
    from silences
),

-- one county's lines and another's absences can come in one file: who is registered in it is registered
one_per_file as (
    select distinct on (state, state_voter_id, _file_id) *
    from told
    order by state asc, state_voter_id asc, _file_id asc, is_line desc, line_row_number desc
),

compared as (
    select
        state,
        state_voter_id,
        _file_id,
        feed_id,
        slice,
        told,
        line_file_id,
        line_row_number,
        record_digest,
        lag(record_digest) over (partition by state, state_voter_id order by _file_id) as digest_before
    from one_per_file
),

changed as (
    select
        state,
        state_voter_id,
        _file_id,
        feed_id,
        slice,
        told,
        line_file_id,
        line_row_number
    from compared
    -- also leaves out those who were never on the file: no digest, and none before
    where record_digest is distinct from digest_before
)

select * from changed
where {{ touched() }}
