-- Grain: one row per delivered line and fact in it (a Spoke line tells several), with what became of its delivery.
with

generic_contacts as (
    select * from {{ ref('stg_generic__contacts') }}
),

van_history_reports as (
    select * from {{ ref('stg_van__contact_history_report') }}
),

van_survey_reports as (
    select * from {{ ref('stg_van__survey_response_report') }}
),

van_contacts as (
    select * from {{ ref('stg_van__contactscontacts') }}
),

van_answers as (
    select * from {{ ref('stg_van__contactssurveyresponses') }}
),

thrutext_messages as (
    select * from {{ ref('stg_thrutext__messages') }}
),

thrutext_surveys as (
    select * from {{ ref('stg_thrutext__surveys') }}
),

thrutext_opt_outs as (
    select * from {{ ref('stg_thrutext__opt_outs') }}
),

spoke_contacts as (
    select * from {{ ref('stg_spoke__contacts') }}
),

snapshots as (
    select * from {{ ref('int_feeds__newest_snapshot') }}
),

unioned as (
    select * from generic_contacts
    union all
    select * from van_history_reports
    union all
    select * from van_survey_reports
    union all
    select * from van_contacts
    union all
    select * from van_answers
    union all
    select * from thrutext_messages
    union all
    select * from thrutext_surveys
    union all
    select * from thrutext_opt_outs
    union all
    select * from spoke_contacts
),

ranked as (
    select
        unioned.*,
        -- rank, not row_number: the facts of one line stand or fall together
        rank() over newest_first as delivery_rank,
        snapshots.newest_file_id
    from unioned
    left join snapshots on unioned.feed_id = snapshots.feed_id
    window newest_first as (
        partition by unioned.feed_id, unioned.source_row_key
        order by unioned._file_id desc, unioned._row_number desc
    )
),

delivered as (
    select
        feed_id,
        partner_id,
        file_format,
        contact_source,
        source_record_key,
        source_contact_key,
        source_person_key,
        person_key_is_id,
        person_namespace,
        person_scope,
        external_id,
        state,
        first_name,
        middle_name,
        last_name,
        suffix,
        birth_date,
        address,
        city,
        zip,
        phone,
        email,
        contacted_at,
        contact_on,
        channel,
        contact_result,
        is_contact,
        source_question,
        source_answer,
        problem,
        {{ delivery_status() }} as delivery_status,
        _file_id,
        _row_number
    from ranked
)

select * from delivered
