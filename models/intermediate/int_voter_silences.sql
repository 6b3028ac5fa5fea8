-- Grain: one row per voter + file with which a voter feed falls silent about the voter (a snapshot leaves the voter out, or
-- the line is not understood), with the newest live word of the state's other feeds, if they have one.
with

lines as (
    select * from {{ ref('int_voter_lines') }}
),

ended as (
    select
        state,
        state_voter_id,
        feed_id,
        slice,
        retracted_file_id as _file_id,
        'absent' as told
    from lines
    where retracted_file_id is not null
    union all
    select
        state,
        state_voter_id,
        feed_id,
        slice,
        _file_id,
        told
    from lines
    where told = 'quarantined'
),

fallen_back as (
    select distinct on (ended.state, ended.state_voter_id, ended._file_id)
        ended.state,
        ended.state_voter_id,
        ended._file_id,
        ended.feed_id,
        ended.slice,
        coalesce(others.told, ended.told) as told,
        others.record_digest,
        others._file_id as line_file_id,
        others._row_number as line_row_number
    from ended
    left join lines as others
        on
            ended.state = others.state
            and ended.state_voter_id = others.state_voter_id
            and ended.feed_id <> others.feed_id
            and others.told <> 'quarantined'
            and ended._file_id > others._file_id
            and ended._file_id < coalesce(others.ended_file_id, ended._file_id + 1)
    order by ended.state asc, ended.state_voter_id asc, ended._file_id asc, others._file_id desc nulls last
)

select * from fallen_back
