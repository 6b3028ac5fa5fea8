-- Grain: one row per delivered line of the VAN pipeline table contactscontacts: one attempt. Row ids are unique only
-- within state and committee.
{{ config(
    indexes=[{'columns': ['_file_id', '_row_number'], 'unique': true}, {'columns': ['feed_id', 'source_row_key']}],
    meta={'tells': ['_file_id', 'feed_id', 'source_row_key', 'source_person_key']},
) }}
with

lines as (
    {{ delivered_lines('van', 'van_contactscontacts') }}
),

channel_codes as (
    select * from {{ ref('channel_codes') }}
    where file_format = 'van_contactscontacts'
),

result_codes as (
    select * from {{ ref('result_codes') }}
    where file_format = 'van_contactscontacts'
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
        {{ state_scope('statecode') }} as person_scope,
        upper({{ clean_text('statecode') }}) as statecode,
        {{ clean_text('committeeid') }} as committeeid,
        {{ clean_text('contactscontactid') }} as row_id,
        {{ clean_text('vanid') }} as external_id,
        datecanvassed as datecanvassed_raw,
        staging.to_instant(datecanvassed, timezone) as contacted_at,
        {{ clean_text('contacttypeid') }} as contacttypeid,
        {{ clean_text('resultid') }} as resultid
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
            when cleaned.row_id is null then 'contactscontactid is empty'
            when cleaned.external_id is null then 'vanid is empty'
            when cleaned.contacted_at is null
                then {{ problem('datecanvassed', 'cleaned.datecanvassed_raw', 'an ISO date or time') }}
            when channel_codes.channel is null
                then {{ problem('contacttypeid', 'cleaned.contacttypeid', 'a contact type of channel_codes.csv') }}
            when result_codes.contact_result is null
                then {{ problem('resultid', 'cleaned.resultid', 'a result of result_codes.csv') }}
        end as problem
    from cleaned
    left join channel_codes on cleaned.contacttypeid = channel_codes.source_code
    left join result_codes on cleaned.resultid = result_codes.source_code
),

contact_lines as (
    {{ contact_lines(
        'judged',
        contact_source="'van:' || partner_id",
        record_key="concat_ws('|', 'attempt', statecode, coalesce(committeeid, ''), coalesce(row_id, " ~ line_key() ~ "))",
        contact_key="concat_ws('|', statecode, coalesce(committeeid, ''), row_id)",
        person_key="external_id",
        row_state="statecode"
    ) }}
)

select * from contact_lines
