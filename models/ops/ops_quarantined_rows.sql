-- Grain: one row per live delivered line that could not be understood, with the value, the reason and the remedy.
with

contact_lines as (
    select * from {{ ref('int_contact_lines__quarantined') }}
),

voters as (
    select * from {{ ref('int_voters__delivered') }}
    where problem is not null and delivery_status = 'live'
),

person_ids as (
    select * from {{ ref('int_person_ids__delivered') }}
    where problem is not null and delivery_status = 'live'
),

ballots as (
    select * from {{ ref('int_ballots__delivered') }}
    where problem is not null and delivery_status = 'live'
),

ballots_cast as (
    select * from {{ ref('int_voter_history__delivered') }}
    where problem is not null and delivery_status = 'live'
),

pa_zones as (
    select * from {{ ref('int_pa_zones__delivered') }}
    where problem is not null and delivery_status = 'live'
),

files as (
    select * from {{ source('intake', 'file') }}
),

contact_problems as (
    -- a Spoke line tells several facts: its first problem stands for the line
    select distinct on (_file_id, _row_number)
        _file_id,
        _row_number,
        source_record_key,
        problem,
        what_to_do
    from contact_lines
    order by _file_id asc, _row_number asc, source_record_key asc
),

reference_problems as (
    {% for relation in ['voters', 'person_ids', 'ballots', 'ballots_cast', 'pa_zones'] %}
        select
            _file_id,
            _row_number,
            source_record_key,
            problem
        from {{ relation }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

problems as (
    select
        _file_id,
        _row_number,
        source_record_key,
        problem,
        what_to_do
    from contact_problems
    union all
    select
        _file_id,
        _row_number,
        source_record_key,
        problem,
        'Send the line again, corrected' as what_to_do
    from reference_problems
),

quarantined as (
    select
        files.partner_id,
        files.feed_id,
        files.file_name,
        problems._row_number as line_number,
        -- a line without a key of its own has one of ours, whose file number would tell how many files others delivered
        regexp_replace(problems.source_record_key, 'file \d+ line (\d+)', 'line \1') as record_key,
        problems.problem,
        problems.what_to_do,
        files.file_id
    from problems
    inner join files on problems._file_id = files.file_id
)

select * from quarantined
