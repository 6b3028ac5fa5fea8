-- Grain: one row per delivered line and fact in it, with what became of its delivery. What lines say about the person besides
-- ids stays in int_contact_lines.
{{ config(
    materialized='incremental',
    unique_key=['_file_id', '_row_number', 'source_record_key'],
    indexes=[
        {'columns': ['_file_id', '_row_number', 'source_record_key'], 'unique': true},
        {'columns': ['feed_id', 'source_row_key']},
        {'columns': ['feed_id', 'person_group']},
    ],
    meta={
        'keys': ['feed_id', 'source_row_key'],
        'touched_by': {
            'int_contact_lines': ['feed_id', 'source_row_key'],
            'int_feeds__newest_snapshot': {'_file_id': 'newest_file_id'},
            'stg_files': {'_file_id': 'file_id'},
        },
        'tells': ['feed_id', 'person_group', '_file_id'],
    },
) }}

with

lines as (
    select * from {{ ref('int_contact_lines') }}
    where {{ touched('feed_id, source_row_key') }}
),

snapshots as (
    select * from {{ ref('int_feeds__newest_snapshot') }}
),

-- a tool whose export carries no time: a fact is dated by the first delivery that told it, so re-exports never make it newer
first_told as (
    select
        feed_id,
        source_record_key,
        coalesce(source_answer, '') as source_answer,
        min(contacted_at) as contacted_at,
        min(contact_on) as contact_on
    from lines
    where is_dated_by_delivery
    group by feed_id, source_record_key, coalesce(source_answer, '')
),

ranked as (
    select
        lines.*,
        -- rank, not row_number: the facts of one line stand or fall together
        rank() over (
            partition by lines.feed_id, lines.source_row_key order by lines._file_id desc, lines._row_number desc
        ) as delivery_rank
    from lines
),

delivered as (
    select
        ranked.feed_id,
        ranked.partner_id,
        ranked.file_format,
        ranked.contact_source,
        ranked.source_record_key,
        ranked.source_row_key,
        ranked.source_contact_key,
        ranked.source_person_key,
        -- what is said about one person is read together; a line about nobody stands alone
        coalesce(ranked.source_person_key, ranked.source_record_key) as person_group,
        ranked.person_key_is_id,
        ranked.person_namespace,
        ranked.person_scope,
        ranked.external_id,
        ranked.phone,
        coalesce(first_told.contacted_at, ranked.contacted_at) as contacted_at,
        coalesce(first_told.contact_on, ranked.contact_on) as contact_on,
        ranked.channel,
        ranked.contact_result,
        ranked.is_contact,
        ranked.source_question,
        ranked.source_answer,
        ranked.problem,
        {{ delivery_status('ranked._file_id', 'snapshots.newest_file_id') }} as delivery_status,
        ranked._file_id,
        ranked._row_number
    from ranked
    left join snapshots on ranked.feed_id = snapshots.feed_id
    left join first_told
        on
            ranked.is_dated_by_delivery
            and ranked.feed_id = first_told.feed_id
            and ranked.source_record_key = first_told.source_record_key
            and coalesce(ranked.source_answer, '') = first_told.source_answer
)

select * from delivered
