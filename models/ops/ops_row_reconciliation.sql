-- Grain: one row per loaded file: where each of its records is now. records = rejected + superseded + retracted +
-- quarantined + matched + unmatched + withdrawn; missing_row_count is the difference and must be 0. Of the unmatched, in_review
-- wait for a person's decision. Of a withdrawn file nothing is left but its counts.
with

files as (
    select * from {{ source('intake', 'file') }}
),

contact_lines as (
    select * from {{ ref('int_contact_lines__counted') }}
),

reference_lines as (
    select * from {{ ref('int_reference_lines__counted') }}
),

places as (
    select
        _file_id,
        place,
        line_count
    from contact_lines
    union all
    select
        _file_id,
        place,
        line_count
    from reference_lines
),

taken_back as (
    select
        file_id,
        loaded as withdrawn
    from files
    where withdrawn_at is not null
),

counted as (
    select
        _file_id,
        {% for place in ['superseded', 'retracted', 'quarantined', 'matched', 'in_review', 'unmatched'] %}
            coalesce(sum(line_count) filter (where place = '{{ place }}'), 0)::bigint as {{ place }},
        {% endfor %}
        sum(line_count)::bigint as line_count
    from places
    group by _file_id
),

reconciled as (
    select
        files.file_id,
        files.feed_id,
        files.partner_id,
        files.file_format,
        files.file_name,
        files.received_at,
        files.withdrawn_at,
        files.records,
        files.loaded,
        files.rejected,
        coalesce(counted.superseded, 0) as superseded,
        coalesce(counted.retracted, 0) as retracted,
        coalesce(counted.quarantined, 0) as quarantined,
        coalesce(counted.matched, 0) as matched,
        coalesce(counted.unmatched + counted.in_review, 0) as unmatched,
        coalesce(counted.in_review, 0) as in_review,
        coalesce(taken_back.withdrawn, 0) as withdrawn,
        files.records - files.rejected - coalesce(taken_back.withdrawn, 0) - coalesce(counted.line_count, 0) as missing_row_count
    from files
    left join counted on files.file_id = counted._file_id
    left join taken_back on files.file_id = taken_back.file_id
)

select * from reconciled
