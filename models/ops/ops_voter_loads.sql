-- Grain: one row per delivered voter file: how many voters it has, and for how many of them it brought which news.
{% set kinds = ['new', 'changed', 'moved', 'returned', 'removed', 'merged'] %}

with

files as (
    select * from {{ source('intake', 'file') }}
),

voter_files as (
    select distinct _file_id from {{ ref('int_voter_files') }}
),

lines as (
    select * from {{ ref('int_voter_lines') }}
),

changes as (
    select * from {{ ref('ops_voter_changes') }}
),

counted_lines as (
    select
        _file_id,
        count(*) filter (where told = 'registered') as registered,
        count(*) filter (where told = 'not_registered') as not_registered
    from lines
    group by _file_id
),

counted_changes as (
    select
        file_id,
    {% for kind in kinds %}
        count(*) filter (where kind = '{{ kind }}') as {{ kind }}{{ ',' if not loop.last }}
    {% endfor %}
    from changes
    group by file_id
),

loads as (
    select
        files.feed_id,
        files.file_id,
        files.file_name,
        files.received_at,
        coalesce(counted_lines.registered, 0)::int as registered_voters,
        coalesce(counted_lines.not_registered, 0)::int as not_registered_voters,
    {% for kind in kinds %}
        coalesce(counted_changes.{{ kind }}, 0)::int as {{ kind }}_voters{{ ',' if not loop.last }}
    {% endfor %}
    from files
    inner join voter_files on files.file_id = voter_files._file_id
    left join counted_lines on files.file_id = counted_lines._file_id
    left join counted_changes on files.file_id = counted_changes.file_id
)

select * from loads
