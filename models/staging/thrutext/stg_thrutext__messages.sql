-- Grain: one row per delivered line of a ThruText messages export: one message.
{{ config(
    indexes=[{'columns': ['_file_id', '_row_number'], 'unique': true}, {'columns': ['feed_id', 'source_row_key']}],
    meta={'tells': ['_file_id', 'feed_id', 'source_row_key', 'source_person_key']},
) }}
with

lines as (
    {{ delivered_lines('thrutext', 'thrutext_messages') }}
),

result_codes as (
    select * from {{ ref('result_codes') }}
    where file_format = 'thrutext_messages'
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
        {{ clean_text('external_id') }} as external_id,
        {{ clean_text('contact_id') }} as contact_id,
        {{ clean_text('conversation_id') }} as conversation_id,
        {{ clean_text('contact_first_name') }} as first_name,
        {{ clean_text('contact_last_name') }} as last_name,
        {{ clean_phone('contact_phone') }} as phone,
        'text' as channel,
        {{ clean_text('message_id') }} as message_id,
        lower({{ clean_text('message_direction') }}) as message_direction,
        timestamp as timestamp_raw,
        staging.to_instant(timestamp, timezone) as contacted_at
    from lines
),

judged as (
    select
        cleaned.*,
        result_codes.contact_result,
        null::text as source_question,
        null::text as source_answer,
        case
            when cleaned.message_id is null or cleaned.conversation_id is null
                then 'message_id or conversation_id is empty'
            when cleaned.contacted_at is null
                then {{ problem('timestamp', 'cleaned.timestamp_raw', 'a time such as 2026-10-15 18:03:22') }}
            when result_codes.contact_result is null
                then {{ problem('message_direction', 'cleaned.message_direction', 'a direction of result_codes.csv') }}
        end as problem
    from cleaned
    left join result_codes on cleaned.message_direction = result_codes.source_code
),

contact_lines as (
    {{ contact_lines(
        'judged',
        contact_source="'thrutext:' || partner_id",
        record_key="concat_ws('|', 'message', coalesce(message_id, " ~ line_key() ~ "))",
        contact_key="conversation_id",
        person_key="contact_id",
        id_is_key=true,
        person=['first_name', 'last_name', 'phone']
    ) }}
)

select * from contact_lines
