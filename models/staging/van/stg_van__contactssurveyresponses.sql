-- Grain: one row per delivered line of the VAN pipeline table contactssurveyresponses: one answer. Row ids are unique
-- only within state and committee.
{{ config(
    indexes=[{'columns': ['_file_id', '_row_number'], 'unique': true}, {'columns': ['feed_id', 'source_row_key']}],
    meta={'tells': ['_file_id', 'feed_id', 'source_row_key', 'source_person_key']},
) }}
with

lines as (
    {{ delivered_lines('van', 'van_contactssurveyresponses') }}
),

channel_codes as (
    select * from {{ ref('channel_codes') }}
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
        {{ clean_text('contactssurveyresponseid') }} as row_id,
        {{ clean_text('contactscontactid') }} as contactscontactid,
        {{ clean_text('vanid') }} as external_id,
        datecanvassed as datecanvassed_raw,
        staging.to_instant(datecanvassed, timezone) as contacted_at,
        {{ clean_text('contacttypeid') }} as contacttypeid,
        {{ clean_text('surveyquestionid') }} as source_question,
        {{ clean_text('surveyresponseid') }} as source_answer
    from lines
),

judged as (
    select
        cleaned.*,
        channel_codes.channel,
        -- VAN: an answer implies the result Canvassed; the two never come in one record
        'canvassed' as contact_result,
        case
            when cleaned.row_id is null then 'contactssurveyresponseid is empty'
            when cleaned.external_id is null then 'vanid is empty'
            when cleaned.contacted_at is null
                then {{ problem('datecanvassed', 'cleaned.datecanvassed_raw', 'an ISO date or time') }}
            when channel_codes.channel is null
                then {{ problem('contacttypeid', 'cleaned.contacttypeid', 'a contact type of channel_codes.csv') }}
            when cleaned.source_question is null or cleaned.source_answer is null
                then 'surveyquestionid or surveyresponseid is empty'
        end as problem
    from cleaned
    left join channel_codes on cleaned.contacttypeid = channel_codes.source_code
),

contact_lines as (
    {{ contact_lines(
        'judged',
        contact_source="'van:' || partner_id",
        record_key="concat_ws('|', 'answer', statecode, coalesce(committeeid, ''), coalesce(row_id, " ~ line_key() ~ "))",
        contact_key="concat_ws('|', statecode, coalesce(committeeid, ''), coalesce(contactscontactid, 'answer ' || row_id))",
        person_key="external_id",
        row_state="statecode"
    ) }}
)

select * from contact_lines
