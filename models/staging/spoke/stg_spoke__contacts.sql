-- Grain: one row per delivered line and fact in it: the attempt itself, its opt-out, and each answered question.
-- The export carries no time: what a delivery tells is dated by it here, and by the first that told it later on.
{{ config(
    unique_key=['_file_id', '_row_number', 'source_record_key'],
    indexes=[
        {'columns': ['_file_id', '_row_number', 'source_record_key'], 'unique': true},
        {'columns': ['feed_id', 'source_row_key']},
    ],
    meta={'tells': ['_file_id', 'feed_id', 'source_row_key', 'source_person_key']},
) }}
with

lines as (
    {{ delivered_lines('spoke', 'spoke_contacts') }}
),

result_codes as (
    select * from {{ ref('result_codes') }}
    where file_format = 'spoke_contacts'
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
        {{ state_scope('contact_state') }} as person_scope,
        {{ clean_text('contact_external_id') }} as external_id,
        {{ clean_text('campaign_id') }} as campaign_id,
        contact_state as row_state,
        {{ clean_text('contact_first_name') }} as first_name,
        {{ clean_text('contact_last_name') }} as last_name,
        {{ clean_text('contact_city') }} as city,
        {{ clean_text('contact_zip') }} as zip,
        {{ clean_phone('contact_cell') }} as phone,
        {{ clean_text('contact_cell') }} as cell,
        {{ clean_text('contact_message_status') }} as message_status,
        lower({{ clean_text('contact_opt_out') }}) as opt_out,
        coalesce({{ clean_text('campaign_id') }} || '|' || {{ clean_text('contact_cell') }}, {{ line_key() }}) as source_row_key,
        _extra
    from lines
),

facts as (
    select
        cleaned.*,
        result_codes.source_code as known_status,
        fact.source_record_key,
        fact.contact_result,
        fact.source_question,
        fact.source_answer
    from cleaned
    left join result_codes on cleaned.message_status = result_codes.source_code
    cross join lateral (
        select
            cleaned.source_row_key as source_record_key,
            result_codes.contact_result,
            null as source_question,
            null as source_answer
        union all
        select
            cleaned.source_row_key || '|opt-out' as source_record_key,
            'opted_out' as contact_result,
            null as source_question,
            null as source_answer
        where cleaned.opt_out = 'true'
        union all
        select
            cleaned.source_row_key || '|' || extra.key as source_record_key,
            'canvassed' as contact_result,
            -- question[Who do you support?] -> Who do you support? ; question[Same text]_1 keeps its _1
            regexp_replace(extra.key, '^question\[(.*)\](_\d+)?$', '\1\2') as source_question,
            {{ clean_text('extra.value') }} as source_answer
        from jsonb_each_text(cleaned._extra) as extra
        where extra.key like 'question[%' and {{ clean_text('extra.value') }} is not null
    ) as fact
),

judged as (
    select
        facts.*,
        'text' as channel,
        -- a status that maps to no result says that nobody was texted (yet): known, but no contact
        facts.contact_result is not null as is_contact,
        facts._received_at as contacted_at,
        case
            when facts.campaign_id is null or facts.cell is null then 'campaignId or contact[cell] is empty'
            when facts.known_status is null
                then {{ problem('contact[messageStatus]', 'facts.message_status', 'a status of result_codes.csv') }}
        end as problem
    from facts
),

contact_lines as (
    {{ contact_lines(
        'judged',
        contact_source="feed_id",
        record_key="source_record_key",
        contact_key="source_row_key",
        person_key="external_id",
        row_key="source_row_key",
        is_contact="is_contact",
        person=['first_name', 'last_name', 'city', 'zip', 'phone'],
        row_state="row_state",
        is_dated_by_delivery="true"
    ) }}
)

select * from contact_lines
