-- Grain: one row per report of a suppression, also one that its organization took back: who reported it, and whether it
-- counts. For operators: partners never learn who reported.
{{ config(materialized='view') }}

with

judged as (
    select * from {{ ref('suppression_reports') }}
),

deliveries as (
    select * from {{ ref('int_contact_lines__delivered') }}
    where problem is null
),

contact_results as (
    select * from {{ ref('contact_results') }}
    where suppression_kind is not null
),

-- the last word of a record that has no live one of this kind any more
taken_back as (
    select distinct on (deliveries.feed_id, deliveries.source_record_key, contact_results.suppression_kind)
        deliveries.feed_id,
        deliveries.source_record_key,
        deliveries.partner_id,
        deliveries.phone,
        deliveries.contact_on,
        contact_results.suppression_kind,
        contact_results.suppression_scope
    from deliveries
    inner join contact_results on deliveries.contact_result = contact_results.contact_result
    left join judged
        on
            deliveries.feed_id = judged.feed_id
            and deliveries.source_record_key = judged.source_record_key
            and contact_results.suppression_kind = judged.kind
    where deliveries.delivery_status <> 'live' and judged.feed_id is null
    order by
        deliveries.feed_id asc,
        deliveries.source_record_key asc,
        contact_results.suppression_kind asc,
        deliveries._file_id desc,
        deliveries._row_number desc
),

explained as (
    select
        feed_id,
        source_record_key,
        partner_id,
        voter_id,
        phone,
        kind,
        scope,
        reported_on,
        lifted_on,
        verdict,
        case
            when verdict = 'counts' and voter_id is null then 'its person is not matched: it counts for whoever has the phone'
            when verdict = 'undone' then 'the organization reported later that the person opted in again'
            when verdict = 'void' and kind = 'moved' then 'the voter file has a newer address'
            when verdict = 'void' then 'the person returned a ballot, voted or was registered again since'
            when verdict = 'waits' and voter_id is null then 'its person is not matched'
            when verdict = 'waits' then 'no second organization has reported it'
        end as reason
    from judged
    union all
    select
        feed_id,
        source_record_key,
        partner_id,
        null::int as voter_id,
        phone,
        suppression_kind as kind,
        suppression_scope as scope,
        contact_on as reported_on,
        null::date as lifted_on,
        'undone' as verdict,
        'the organization corrected or retracted the record' as reason
    from taken_back
)

select * from explained
