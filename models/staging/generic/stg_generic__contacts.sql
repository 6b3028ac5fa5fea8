-- Grain: one row per delivered line of a generic_contacts file.
{{ config(
    indexes=[{'columns': ['_file_id', '_row_number'], 'unique': true}, {'columns': ['feed_id', 'source_row_key']}],
    meta={'tells': ['_file_id', 'feed_id', 'source_row_key', 'source_person_key']},
) }}
with

lines as (
    {{ delivered_lines('generic', 'generic_contacts') }}
),

channels as (
    select * from {{ ref('channels') }}
),

contact_results as (
    select * from {{ ref('contact_results') }}
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
        {{ state_scope('state') }} as person_scope,
        {{ clean_text('record_id') }} as record_id,
        {{ clean_text('contact_key') }} as contact_key,
        {{ clean_text('person_id') }} as external_id,
        {{ clean_text('source_person_id') }} as source_person_id,
        state as row_state,
        {{ clean_text('first_name') }} as first_name,
        {{ clean_text('middle_name') }} as middle_name,
        {{ clean_text('last_name') }} as last_name,
        {{ clean_text('suffix') }} as suffix,
        {{ clean_text('birth_date') }} as birth_date,
        {{ clean_text('address') }} as address,
        {{ clean_text('city') }} as city,
        {{ clean_text('zip') }} as zip,
        {{ clean_phone('phone') }} as phone,
        {{ clean_email('email') }} as email,
        contacted_at as contacted_at_raw,
        staging.to_instant(contacted_at, timezone) as contacted_at,
        lower({{ clean_text('channel') }}) as channel,
        lower({{ clean_text('result') }}) as contact_result,
        {{ clean_text('question') }} as source_question,
        {{ clean_text('answer') }} as source_answer
    from lines
),

judged as (
    select
        cleaned.*,
        case
            when cleaned.record_id is null then 'record_id is empty'
            when cleaned.contacted_at is null
                then {{ problem('contacted_at', 'cleaned.contacted_at_raw', 'an ISO date or time') }}
            when channels.channel is null
                then {{ problem('channel', 'cleaned.channel', 'a channel of the vocabulary') }}
            when cleaned.contact_result is not null and contact_results.contact_result is null
                then {{ problem('result', 'cleaned.contact_result', 'a contact result of the vocabulary') }}
            when cleaned.source_question is null and cleaned.source_answer is not null
                then 'answer without a question'
            when cleaned.source_question is not null and cleaned.source_answer is null
                then 'question without an answer'
        end as problem
    from cleaned
    left join channels on cleaned.channel = channels.channel
    left join contact_results on cleaned.contact_result = contact_results.contact_result
),

contact_lines as (
    {{ contact_lines(
        'judged',
        contact_source="feed_id",
        record_key="coalesce(record_id, " ~ line_key() ~ ")",
        contact_key="coalesce(contact_key, record_id, " ~ line_key() ~ ")",
        person_key="source_person_id",
        id_is_key=true,
        person=person_columns(),
        row_state="row_state"
    ) }}
)

select * from contact_lines
