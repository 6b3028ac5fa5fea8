-- Grain: one row per voter + file of which a slice does not tell the voter as registered (left out, told otherwise or not
-- understood), with the word that holds then: of another slice or another feed, if one is live.
{{ config(
    materialized='incremental',
    unique_key=['state', 'state_voter_id', '_file_id'],
    meta={'keys': [], 'touched_by': {'int_voter_lines': none}, 'compare': false},
) }}
with

lines as (
    select * from {{ ref('int_voter_lines') }}
),

-- North Carolina repeats every month a million records of people who left before the first file
ever_registered as (
    select distinct
        state,
        state_voter_id
    from lines
    where told = 'registered'
),

silent as (
    select
        state,
        state_voter_id,
        feed_id,
        slice,
        retracted_file_id as _file_id
    from lines
    where retracted_file_id is not null
    union all
    select
        state,
        state_voter_id,
        feed_id,
        slice,
        _file_id
    from lines
    where told <> 'registered'
),

silences as (
    select distinct on (silent.state, silent.state_voter_id, silent._file_id) silent.*
    from silent
    inner join ever_registered
        on
            silent.state = ever_registered.state
            and silent.state_voter_id = ever_registered.state_voter_id
    order by silent.state asc, silent.state_voter_id asc, silent._file_id asc, silent.slice asc
),

-- what each feed says then; of its slices one that has the voter registered: who moved is removed in one county's file
words as (
    select distinct on (silences.state, silences.state_voter_id, silences._file_id, lines.feed_id)
        silences.*,
        lines.told,
        lines.record_digest,
        lines._file_id as line_file_id,
        lines._row_number as line_row_number
    from silences
    left join lines
        on
            silences.state = lines.state
            and silences.state_voter_id = lines.state_voter_id
            and silences._file_id >= lines._file_id
            and silences._file_id < coalesce(lines.ended_file_id, silences._file_id + 1)
    order by
        silences.state asc,
        silences.state_voter_id asc,
        silences._file_id asc,
        lines.feed_id asc,
        lines.is_registered desc,
        lines._file_id desc,
        lines._row_number desc
),

-- of several feeds the newest file that was understood
holding as (
    select distinct on (state, state_voter_id, _file_id)
        state,
        state_voter_id,
        _file_id,
        feed_id,
        slice,
        coalesce(told, 'absent') as told,
        record_digest,
        line_file_id,
        line_row_number
    from words
    order by state asc, state_voter_id asc, _file_id asc, (told = 'quarantined') asc, line_file_id desc nulls last
)

select * from holding
where {{ touched() }}
