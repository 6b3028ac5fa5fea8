-- Grain: one row per conversation of one partner with one voter as one of its tools tells it, and the contact that it counts as.
-- VAN tells again what the partner's texting tool told, in one record a day: such a record is a copy of that day's conversation.
{{ config(
    materialized='incremental',
    unique_key=['partner_no', 'voter_id', 'contact_source', 'source_contact_key'],
    indexes=[
        {'columns': ['contact_source', 'source_contact_key', 'voter_id', 'partner_no'], 'unique': true},
        {'columns': ['voter_id', 'partner_no']},
    ],
    meta={
        'keys': ['partner_no', 'voter_id'],
        'touched_by': {'int_contact_lines__resolved': ['partner_no', 'voter_id'], 'int_voter_keys': false},
        'tells': ['partner_no', 'voter_id'],
    },
) }}

with

lines as (
    select * from {{ ref('int_contact_lines__resolved') }}
    where problem is null and voter_id is not null and is_contact and {{ touched('partner_no, voter_id') }}
),

tools as (
    select * from {{ ref('tools') }}
),

contact_results as (
    select * from {{ ref('contact_results') }}
),

channels as (
    select * from {{ ref('channels') }}
),

voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

id_key as (
    select id_key from {{ source('intake', 'refresh') }}
    order by refresh_id desc
    limit 1
),

told as (
    select
        lines.partner_no,
        lines.voter_id,
        lines.contact_source,
        lines.source_contact_key,
        lines.contacted_at,
        lines.contact_on,
        channels.channel_no,
        contact_results.result_no,
        contact_results.result_rank,
        -- a format that tools.csv does not name is of a tool where conversations happen: it copies nothing
        coalesce(tools.tool_rank, 0) as tool_rank,
        -- the first line tells a conversation's day and channel
        first_value(lines.contact_on) over conversation as first_on,
        first_value(channels.channel_no) over conversation as first_channel_no
    from lines
    left join tools on lines.file_format = tools.file_format
    left join channels on lines.channel = channels.channel
    left join contact_results on lines.contact_result = contact_results.contact_result
    window conversation as (
        partition by lines.partner_no, lines.voter_id, lines.contact_source, lines.source_contact_key
        order by {{ first_line() }}
    )
),

conversations as (
    select
        partner_no,
        voter_id,
        contact_source,
        source_contact_key,
        tool_rank,
        first_on,
        first_channel_no,
        min(contacted_at) as contacted_at,
        -- of several results the most telling one
        min(result_rank * 32768 + result_no) % 32768 as result_no
    from told
    group by partner_no, voter_id, contact_source, source_contact_key, tool_rank, first_on, first_channel_no
),

-- a tool's conversation may last days, and VAN has a record of each; a record of VAN is of one day
originals as (
    select distinct on (partner_no, voter_id, channel_no, contact_on)
        partner_no,
        voter_id,
        channel_no,
        contact_on,
        tool_rank,
        contact_source,
        source_contact_key
    from told
    where tool_rank = 0 or (contact_on = first_on and channel_no = first_channel_no)
    -- of several conversations of a day VAN's record is about the last
    order by
        partner_no asc, voter_id asc, channel_no asc, contact_on asc,
        tool_rank asc, contacted_at desc, contact_source collate "C" asc, source_contact_key collate "C" asc
),

counted as (
    select
        conversations.*,
        originals.contact_source is not null as is_copy,
        coalesce(originals.contact_source, conversations.contact_source) as counted_source,
        coalesce(originals.source_contact_key, conversations.source_contact_key) as counted_key
    from conversations
    left join originals
        on
            conversations.partner_no = originals.partner_no
            and conversations.voter_id = originals.voter_id
            and conversations.first_channel_no = originals.channel_no
            and conversations.first_on = originals.contact_on
            and conversations.tool_rank > originals.tool_rank
),

sources as (
    select
        counted.partner_no,
        counted.voter_id,
        counted.contact_source,
        counted.source_contact_key,
        {{ contact_id('counted.counted_source', 'counted.counted_key', 'voter_keys.state', 'voter_keys.state_voter_id') }}
            as contact_id,
        counted.is_copy,
        counted.first_channel_no as channel_no,
        counted.result_no::smallint as result_no,
        counted.contacted_at,
        counted.first_on as contact_on
    from counted
    inner join voter_keys on counted.voter_id = voter_keys.voter_id
    cross join id_key
)

select * from sources
