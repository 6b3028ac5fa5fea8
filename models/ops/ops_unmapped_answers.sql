-- Grain: one row per file_format + partner_id + id_scope + source_question + source_answer: an answer that voters gave and
-- the answer map does not know. `exchange map suggest` prints the line each one needs.
with

lines as (
    select * from {{ ref('int_contact_lines__resolved') }}
    where problem = 'answer is not in the answer map'
),

feeds as (
    select * from {{ ref('feeds') }}
),

unmapped_answers as (
    select
        lines.file_format,
        lines.partner_id,
        -- the map's word for a feed whose ids have no scope
        coalesce(feeds.id_scope, '*') as id_scope,
        lines.source_question,
        lines.source_answer,
        count(*)::int as line_count,
        min(lines.contact_on) as first_on,
        max(lines.contact_on) as last_on
    from lines
    inner join feeds on lines.feed_id = feeds.feed_id
    group by lines.file_format, lines.partner_id, coalesce(feeds.id_scope, '*'), lines.source_question, lines.source_answer
)

select * from unmapped_answers
