-- Grain: one row per contact: one conversation or attempt of one partner with one voter, from all lines that tell of
-- it.
with

lines as (
    select * from {{ ref('int_contact_lines__resolved') }}
    where problem is null and voter_id is not null and is_contact
),

contact_results as (
    select * from {{ ref('contact_results') }}
),

voters as (
    select * from {{ ref('dim_voters') }}
),

id_key as (
    select id_key from {{ source('intake', 'refresh') }}
    order by refresh_id desc
    limit 1
),

grouped as (
    select
        lines.contact_source,
        lines.source_contact_key,
        lines.voter_id,
        min(lines.partner_id) as partner_id,
        min(lines.contacted_at) as contacted_at,
        -- the first line tells day and channel; of several results the most telling one counts
        (array_agg(lines.contact_on order by {{ first_line() }}))[1] as contact_on,
        (array_agg(lines.channel order by {{ first_line() }}))[1] as channel,
        (
            array_agg(lines.contact_result order by contact_results.result_rank, lines.contact_result)
            filter (where lines.contact_result is not null)
        )[1] as contact_result
    from lines
    left join contact_results on lines.contact_result = contact_results.contact_result
    group by lines.contact_source, lines.source_contact_key, lines.voter_id
),

contacts as (
    select
        {{ contact_id('grouped.contact_source', 'grouped.source_contact_key', 'voters.state', 'voters.state_voter_id') }}
            as contact_id,
        grouped.partner_id,
        grouped.contact_source,
        grouped.source_contact_key,
        grouped.voter_id,
        voters.state,
        grouped.channel,
        grouped.contact_result,
        grouped.contacted_at,
        grouped.contact_on
    from grouped
    inner join voters on grouped.voter_id = voters.voter_id
    cross join id_key
)

select * from contacts
