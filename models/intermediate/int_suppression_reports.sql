-- Grain: one row per live fact that reports a suppression, or takes one back (kind opted_in), about a person: a matched voter,
-- or an identity that is not matched (yet).
{{ config(
    materialized='incremental',
    unique_key=['_file_id', '_row_number', 'source_record_key'],
    indexes=[{'columns': ['_file_id', '_row_number']}, {'columns': ['person_key']}, {'columns': ['voter_id']}],
    meta={
        'keys': ['_file_id', '_row_number'],
        'touched_by': {'int_contact_lines__resolved': ['_file_id', '_row_number']},
        'tells': ['person_key', 'voter_id'],
    },
) }}

with

lines as (
    select * from {{ ref('int_contact_lines__resolved') }}
    where {{ touched('_file_id, _row_number') }}
),

contact_results as (
    select * from {{ ref('contact_results') }}
),

told as (
    select
        lines.*,
        coalesce(contact_results.suppression_kind, lines.contact_result) as kind,
        contact_results.suppression_scope as scope
    from lines
    inner join contact_results on lines.contact_result = contact_results.contact_result
    where
        lines.problem is null
        and (contact_results.suppression_kind is not null or lines.contact_result = 'opted_in')
        and coalesce(lines.voter_id::text, lines.identity_key) is not null
),

directed as (
    select
        told.*,
        -- which channel it is about, whatever channel it was told in; null: no one channel
        case
            when told.scope = 'all' then null
            when told.kind in ('opted_out', 'opted_in') then told.channel
            when told.kind = 'do_not_call' then 'phone'
            when told.kind = 'do_not_text' then 'text'
            when told.kind = 'do_not_walk' then 'door'
            when told.kind = 'do_not_mail' then 'mail'
            when told.kind = 'do_not_email' then 'email'
        end as about_channel
    from told
),

reports as (
    select
        feed_id,
        source_record_key,
        partner_id,
        case
            when voter_id is not null then 'voter ' || voter_id
            else concat('identity ', feed_id, '|', identity_key)
        end as person_key,
        voter_id,
        -- a number only where the report is about one: who does not want visitors has said nothing about the phone
        case
            when kind = 'wrong_number' then phone
            when kind in ('deceased', 'moved') then null
            when coalesce(about_channel, channel) in ('phone', 'text') then phone
        end as phone,
        about_channel as channel,
        kind,
        scope,
        contacted_at as reported_at,
        contact_on as reported_on,
        _file_id,
        _row_number
    from directed
)

select * from reports
