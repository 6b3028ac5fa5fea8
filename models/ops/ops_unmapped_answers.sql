-- Grain: one row per file_format + partner_id + id_scope + source_question + source_answer: an answer that voters gave and
-- the answer map does not know. `exchange map suggest` prints the line each one needs.
with

lines as (
    select * from {{ ref('int_contact_lines__quarantined') }}
    where is_unmapped
),

unmapped_answers as (
    select
        file_format,
        partner_id,
        id_scope,
        source_question,
        source_answer,
        count(*)::int as line_count,
        min(contact_on) as first_on,
        max(contact_on) as last_on
    from lines
    group by file_format, partner_id, id_scope, source_question, source_answer
)

select * from unmapped_answers
