-- Grain: one row per audience whose coverage summary this build counts: all of them in the first refresh of a UTC day, else those
-- that are new. Twice a day would be a price without a use, and two counts an hour apart tell by their difference what came in
-- between. After a withdrawal they are counted again all the same: nothing withdrawn stays in any view.
{{ config(tags=['coverage']) }}

with

audiences as (
    select distinct
        audience_id,
        audience_no,
        naming_no,
        is_fresh,
        states
    from {{ ref('audiences') }}
),

today as (
    select * from {{ ref('today') }}
),

withdrawn as (
    select count(*) as withdrawn_files
    from {{ source('intake', 'file') }}
    where withdrawn_at is not null
),

last_count as (
    select
        counted_on,
        withdrawn_files,
        definition
    from {{ last_coverage() }} as published
),

this_count as (
    select
        today.today as counted_on,
        withdrawn.withdrawn_files,
        '{{ coverage_definition() if execute }}'::text as definition
    from today
    cross join withdrawn
),

due as (
    select
        audiences.audience_id,
        audiences.audience_no,
        audiences.naming_no,
        audiences.states,
        this_count.counted_on,
        this_count.withdrawn_files,
        this_count.definition,
        last_count.counted_on is null as is_of_all
    from audiences
    cross join this_count
    left join last_count
        on
            this_count.counted_on = last_count.counted_on
            and this_count.withdrawn_files = last_count.withdrawn_files
            and this_count.definition = last_count.definition
    where last_count.counted_on is null or audiences.is_fresh
)

select * from due
