-- Grain: one row per loaded file: where each of its records is now. records = rejected + superseded + retracted +
-- quarantined + matched + unmatched; missing_row_count is the difference and must be 0. Of the unmatched, in_review wait for a
-- person's decision.
with

files as (
    select * from {{ source('intake', 'file') }}
),

contact_lines as (
    select * from {{ ref('int_contact_lines__delivered') }}
),

resolved as (
    select * from {{ ref('int_contact_lines__resolved') }}
),

voters as (
    select * from {{ ref('int_voters__delivered') }}
),

person_ids as (
    select * from {{ ref('int_person_ids__delivered') }}
),

ballots as (
    select * from {{ ref('int_ballots__delivered') }}
),

ballots_cast as (
    select * from {{ ref('int_voter_history__delivered') }}
),

pa_zones as (
    select * from {{ ref('int_pa_zones__delivered') }}
),

known_voters as (
    select
        state,
        state_voter_id
    from {{ ref('int_voter_survivors') }}
),

statuses as (
    select
        _file_id,
        _row_number,
        delivery_status as status
    from contact_lines
    where delivery_status <> 'live'
    union all
    select
        _file_id,
        _row_number,
        case
            when problem is not null then 'quarantined'
            when match_status = 'review' then 'in_review'
            when voter_id is null then 'unmatched'
            else 'matched'
        end as status
    from resolved
    union all
    select
        _file_id,
        _row_number,
        case when delivery_status <> 'live' then delivery_status when problem is not null then 'quarantined' else 'matched' end as status
    from voters
    union all
    -- what a county's district slots hold: about nobody, so there is nobody to match
    select
        _file_id,
        _row_number,
        case when delivery_status <> 'live' then delivery_status when problem is not null then 'quarantined' else 'matched' end as status
    from pa_zones
    {% for relation in ['person_ids', 'ballots', 'ballots_cast'] %}
        union all
        select
            {{ relation }}._file_id,
            {{ relation }}._row_number,
            case
                when {{ relation }}.delivery_status <> 'live' then {{ relation }}.delivery_status
                when {{ relation }}.problem is not null then 'quarantined'
                when known_voters.state is null then 'unmatched'
                else 'matched'
            end as status
        from {{ relation }}
        left join known_voters
            on
                {{ relation }}.state = known_voters.state
                and {{ relation }}.state_voter_id = known_voters.state_voter_id
    {% endfor %}
),

-- one status per line: a Spoke line with one unknown answer counts as quarantined
lines as (
    select
        _file_id,
        min(
            array_position(array['quarantined', 'in_review', 'unmatched', 'matched', 'retracted', 'superseded'], status)
        ) as status_rank
    from statuses
    group by _file_id, _row_number
),

counted as (
    select
        _file_id,
        count(*) filter (where status_rank = 1) as quarantined,
        count(*) filter (where status_rank = 2) as in_review,
        count(*) filter (where status_rank in (2, 3)) as unmatched,
        count(*) filter (where status_rank = 4) as matched,
        count(*) filter (where status_rank = 5) as retracted,
        count(*) filter (where status_rank = 6) as superseded
    from lines
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
        files.records,
        files.loaded,
        files.rejected,
        coalesce(counted.superseded, 0) as superseded,
        coalesce(counted.retracted, 0) as retracted,
        coalesce(counted.quarantined, 0) as quarantined,
        coalesce(counted.matched, 0) as matched,
        coalesce(counted.unmatched, 0) as unmatched,
        coalesce(counted.in_review, 0) as in_review,
        files.records - files.rejected - coalesce(
            counted.superseded + counted.retracted + counted.quarantined + counted.matched + counted.unmatched, 0
        ) as missing_row_count
    from files
    left join counted on files.file_id = counted._file_id
)

select * from reconciled
