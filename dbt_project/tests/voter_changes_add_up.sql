-- new + returned - removed - merged = voters on the file now, per state: no reload gains or loses a voter without a word.
-- Would have caught a removal that is counted in the file that left the voter out and again in the next.
{{ config(group='core') }}

with

told as (
    select
        state,
        sum(
            case
                when kind in ('new', 'returned') then 1
                when kind in ('removed', 'merged') then -1
                else 0
            end
        ) as voter_count
    from {{ ref('ops_voter_changes') }}
    group by state
),

present as (
    select
        state,
        count(*) as voter_count
    from {{ ref('dim_voters') }}
    group by state
)

select
    coalesce(told.state, present.state) as state,
    told.voter_count as told_count,
    present.voter_count as present_count
from told
full outer join present on told.state = present.state
where coalesce(told.voter_count, 0) <> coalesce(present.voter_count, 0)
