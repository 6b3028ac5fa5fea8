-- Grain: one row per class of rows that sharing rules can tell apart: subject + partner + topic + channel + state. Only classes that
-- have rows; a contact has no topic.
with

response_days as (
    select * from {{ ref('response_days') }}
),

contact_days as (
    select * from {{ ref('contact_days') }}
),

partners as (
    select * from {{ ref('dim_partners') }}
),

topics as (
    select * from {{ ref('dim_topics') }}
),

channels as (
    select * from {{ ref('channels') }}
),

counted as (
    select distinct
        'responses' as subject,
        partner_no,
        topic_id,
        channel_no,
        state
    from response_days
    union all
    select distinct
        'contacts' as subject,
        partner_no,
        null::smallint as topic_id,
        channel_no,
        state
    from contact_days
),

row_classes as (
    select
        (row_number() over (
            order by counted.subject, counted.partner_no, counted.topic_id, counted.channel_no, counted.state
        ))::int as class_no,
        counted.subject,
        counted.partner_no,
        counted.topic_id,
        counted.channel_no,
        counted.state,
        partners.partner_id,
        coalesce(topics.question_code, '') as question_code,
        coalesce(topics.office_level, '') as office_level,
        channels.channel
    from counted
    inner join partners on counted.partner_no = partners.partner_no
    inner join channels on counted.channel_no = channels.channel_no
    left join topics on counted.topic_id = topics.topic_id
)

select * from row_classes
