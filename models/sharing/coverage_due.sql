-- Grain: one row per audience whose coverage summary this build counts: all of them in the first refresh of a UTC day, else those
-- that are new. Twice a day would be a price without a use, and two counts an hour apart tell by their difference what came in
-- between. After a withdrawal those that may have seen something of the partner are counted again all the same: nothing withdrawn
-- stays in any view. Others are not: a new count would tell them that somebody whom they do not see took something back.
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

members as (
    select
        audience_id,
        partner_id,
        is_below_limit
    from {{ ref('audiences') }}
),

rule_parties as (
    select * from {{ ref('rule_parties') }}
    where effect = 'share'
),

today as (
    select * from {{ ref('today') }}
),

files as (
    select * from {{ source('intake', 'file') }}
    where withdrawn_at is not null
),

withdrawn as (
    select
        partner_id,
        row_number() over (order by withdrawn_at, file_id) as withdrawal_no
    from files
),

withdrawals as (
    select count(*) as withdrawn_files
    from withdrawn
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
        withdrawals.withdrawn_files,
        '{{ coverage_definition() if execute }}'::text as definition
    from today
    cross join withdrawals
),

-- what was counted before today, or in another way, is none
count_of_today as (
    select last_count.withdrawn_files
    from last_count
    inner join this_count
        on last_count.counted_on = this_count.counted_on and last_count.definition = this_count.definition
),

-- who withdrew since; of the exchange's own files: voters, whom all see
withdrew as (
    select distinct withdrawn.partner_id
    from withdrawn
    inner join count_of_today on withdrawn.withdrawal_no > count_of_today.withdrawn_files
),

concerned as (
    select members.audience_id
    from members
    inner join withdrew on withdrew.partner_id in (members.partner_id, 'exchange')
    union
    select members.audience_id
    from members
    inner join rule_parties on members.partner_id = rule_parties.recipient_id
    inner join withdrew on rule_parties.contributor_id = withdrew.partner_id
    where not members.is_below_limit
),

judged as (
    select
        audiences.audience_id,
        audiences.audience_no,
        audiences.naming_no,
        audiences.is_fresh,
        audiences.states,
        this_count.counted_on,
        this_count.withdrawn_files,
        this_count.definition,
        count_of_today.withdrawn_files is null or concerned.audience_id is not null as is_overdue
    from audiences
    cross join this_count
    left join count_of_today on true
    left join concerned on audiences.audience_id = concerned.audience_id
),

due as (
    select
        audience_id,
        audience_no,
        naming_no,
        states,
        counted_on,
        withdrawn_files,
        definition,
        bool_or(is_overdue) over () as is_of_all
    from judged
    where is_overdue or is_fresh
)

select * from due
