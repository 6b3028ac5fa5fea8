-- Grain: one row per delivered line of a ThruText surveys export: one answer in one conversation.
{{ config(
    indexes=[{'columns': ['_file_id', '_row_number'], 'unique': true}, {'columns': ['feed_id', 'source_row_key']}],
    meta={'tells': ['_file_id', 'feed_id', 'source_row_key', 'source_person_key']},
) }}
with

lines as (
    {{ delivered_lines('thrutext', 'thrutext_surveys') }}
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
        {{ clean_text('survey_id') }} as survey_id,
        {{ clean_text('survey_question') }} as source_question,
        {{ clean_text('response') }} as source_answer,
        updated_at as updated_at_raw,
        staging.to_instant(updated_at, timezone) as contacted_at
    from lines
),

judged as (
    select
        cleaned.*,
        'canvassed' as contact_result,
        case
            when cleaned.conversation_id is null then 'conversation_id is empty'
            when cleaned.contacted_at is null
                then {{ problem('updated_at', 'cleaned.updated_at_raw', 'a time such as 2026-10-15 18:03:22') }}
            when cleaned.source_question is null or cleaned.source_answer is null
                then 'survey_question or response is empty'
        end as problem
    from cleaned
),

contact_lines as (
    {{ contact_lines(
        'judged',
        contact_source="'thrutext:' || partner_id",
        record_key="concat_ws('|', 'answer', coalesce(conversation_id, " ~ line_key() ~ "), survey_id, source_question)",
        contact_key="conversation_id",
        person_key="contact_id",
        id_is_key=true,
        person=['first_name', 'last_name', 'phone']
    ) }}
)

select * from contact_lines
