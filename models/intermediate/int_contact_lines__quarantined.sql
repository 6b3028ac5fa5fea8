-- Grain: one row per live fact of a delivered line that was read but not understood, with what its sender or the operator can do.
{{ config(
    materialized='incremental',
    unique_key=['_file_id', '_row_number', 'source_record_key'],
    indexes=[{'columns': ['_file_id', '_row_number']}],
    meta={
        'keys': ['_file_id', '_row_number'],
        'touched_by': {'int_contact_lines__resolved': ['_file_id', '_row_number']},
    },
) }}

with

lines as (
    select * from {{ ref('int_contact_lines__resolved') }}
    where problem is not null and {{ touched('_file_id, _row_number') }}
),

feeds as (
    select * from {{ ref('feeds') }}
),

quarantined as (
    select
        lines.feed_id,
        lines.partner_id,
        lines.file_format,
        -- the map's word for a feed whose ids have no scope
        coalesce(feeds.id_scope, '*') as id_scope,
        lines.source_record_key,
        lines.source_question,
        lines.source_answer,
        lines.contact_on,
        lines.problem,
        lines.problem = {{ unmapped_answer() }} as is_unmapped,
        case
            when lines.problem = {{ unmapped_answer() }}
                then
                    concat(
                        'Have this line completed and added to answer_map.csv: ',
                        concat_ws(
                            ',',
                            {{ csv_cell('lines.file_format') }},
                            {{ csv_cell('lines.partner_id') }},
                            {{ csv_cell("coalesce(feeds.id_scope, '*')") }},
                            {{ csv_cell('left(lines.source_question, 200)') }},
                            {{ csv_cell('left(lines.source_answer, 200)') }},
                            ',,,,,'
                        )
                    )
            else 'Send the line again, corrected, with the same key'
        end as what_to_do,
        lines._file_id,
        lines._row_number
    from lines
    inner join feeds on lines.feed_id = feeds.feed_id
)

select * from quarantined
