-- Grain: one row per delivered line of a VAN Contact History report: one attempt.
{{ config(
    indexes=[{'columns': ['_file_id', '_row_number'], 'unique': true}, {'columns': ['feed_id', 'source_row_key']}],
    meta={'tells': ['_file_id', 'feed_id', 'source_row_key', 'source_person_key']},
) }}
with

lines as (
    {{ delivered_lines('van', 'van_contact_history_report') }}
),

channel_codes as (
    select * from {{ ref('channel_codes') }}
    where file_format = 'van_contact_history_report'
),

result_codes as (
    select * from {{ ref('result_codes') }}
    where file_format = 'van_contact_history_report'
),

-- materialized: parsed once per line, not once per mention
cleaned as materialized (
    select
        _file_id,
        _row_number,
        _received_at,
        feed_id,
        partner_id,
        file_format,
        timezone,
        feed_state,
        person_namespace,
        person_scope,
        {{ clean_text('vanid') }} as external_id,
        {{ contact_name('first', 'contact_name') }} as first_name,
        {{ contact_name('middle', 'contact_name') }} as middle_name,
        {{ contact_name('last', 'contact_name') }} as last_name,
        {{ contact_name('suffix', 'contact_name') }} as suffix,
        {{ clean_text('date_canvassed') }} as date_canvassed,
        {{ van_instant('date_canvassed', 'timezone') }} as contacted_at,
        {{ clean_text('contact_type') }} as contact_type,
        {{ clean_text('result') }} as result,
        {{ clean_text('canvassed_by') }} as canvassed_by
    from lines
),

judged as (
    select
        cleaned.*,
        channel_codes.channel,
        result_codes.contact_result,
        null::text as source_question,
        null::text as source_answer,
        case
            when cleaned.external_id is null then 'the VANID is empty'
            when cleaned.contacted_at is null
                then {{ problem('Date Canvassed', 'cleaned.date_canvassed', 'a date such as 10/15/2026') }}
            when channel_codes.channel is null
                then {{ problem('Contact Type', 'cleaned.contact_type', 'a contact type of channel_codes.csv') }}
            when result_codes.contact_result is null
                then {{ problem('Result', 'cleaned.result', 'a result of result_codes.csv') }}
        end as problem
    from cleaned
    left join channel_codes on cleaned.contact_type = channel_codes.source_code
    left join result_codes on cleaned.result = result_codes.source_code
),

contact_lines as (
    {{ contact_lines(
        'judged',
        contact_source="'van_report:' || partner_id",
        record_key="concat_ws('|', 'attempt', coalesce(external_id, " ~ line_key() ~ "), date_canvassed, contact_type, result, canvassed_by)",
        contact_key="concat_ws('|', coalesce(external_id, " ~ line_key() ~ "), date_canvassed, contact_type)",
        person_key="external_id",
        person=['first_name', 'middle_name', 'last_name', 'suffix']
    ) }}
)

select * from contact_lines
