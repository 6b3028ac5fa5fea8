-- Grain: one row per file of contacts + place where its lines are now + match_status + match_method.
{{ config(
    materialized='incremental',
    unique_key=['_file_id', 'place', 'match_status', 'match_method'],
    meta={
        'keys': ['_file_id'],
        'touched_by': {'int_contact_lines__delivered': ['_file_id'], 'int_contact_lines__resolved': ['_file_id']},
    },
) }}

with

delivered as (
    select * from {{ ref('int_contact_lines__delivered') }}
    where delivery_status <> 'live' and {{ touched('_file_id') }}
),

resolved as (
    select * from {{ ref('int_contact_lines__resolved') }}
    where {{ touched('_file_id') }}
),

facts as (
    select
        _file_id,
        _row_number,
        delivery_status as place,
        '' as match_status,
        '' as match_method,
        null::date as contact_on
    from delivered
    union all
    select
        _file_id,
        _row_number,
        case
            when problem is not null then 'quarantined'
            when match_status = 'review' then 'in_review'
            when voter_id is null then 'unmatched'
            else 'matched'
        end as place,
        match_status,
        match_method,
        case when problem is null then contact_on end as contact_on
    from resolved
),

-- one place per line: a Spoke line with one unknown answer counts as quarantined; its person is one
lines as (
    select
        _file_id,
        min(array_position(array['quarantined', 'in_review', 'unmatched', 'matched', 'retracted', 'superseded'], place)) as place_rank,
        max(match_status) as match_status,
        max(match_method) as match_method,
        max(contact_on) as contact_on
    from facts
    group by _file_id, _row_number
),

counted as (
    select
        _file_id,
        (array['quarantined', 'in_review', 'unmatched', 'matched', 'retracted', 'superseded'])[place_rank] as place,
        match_status,
        match_method,
        count(*) as line_count,
        max(contact_on) as newest_contact_on
    from lines
    group by _file_id, place_rank, match_status, match_method
)

select * from counted
