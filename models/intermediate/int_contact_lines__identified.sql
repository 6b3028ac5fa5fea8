-- Grain: one row per live fact of a delivered line, with the identity it is about (null: the line says nothing about the
-- person).
{{ config(
    materialized='incremental',
    unique_key=['_file_id', '_row_number', 'source_record_key'],
    indexes=[
        {'columns': ['_file_id', '_row_number', 'source_record_key'], 'unique': true},
        {'columns': ['feed_id', 'person_group']},
        {'columns': ['feed_id', 'identity_key']},
    ],
    meta={
        'keys': ['feed_id', 'person_group'],
        'touched_by': {'int_contact_lines__delivered': ['feed_id', 'person_group']},
        'tells': ['feed_id', 'identity_key', '_file_id', '_row_number'],
    },
) }}

with

lines as (
    select * from {{ ref('int_contact_lines__delivered') }}
    where delivery_status = 'live' and {{ touched('feed_id, person_group') }}
),

-- keys that mean several ids, or are both somebody's key and somebody's id; the same digits of another state or committee are
-- another id
ids_of_keys as (
    select
        feed_id,
        source_person_key
    from lines
    where source_person_key is not null
    group by feed_id, source_person_key
    having
        min(external_id) <> max(external_id)
        or min(coalesce(person_scope, '')) filter (where external_id is not null)
        <> max(coalesce(person_scope, '')) filter (where external_id is not null)
        or bool_or(person_key_is_id) and not bool_and(person_key_is_id)
),

-- the id of the person whose key it is; null: lines use it as a key and tell no id, so whose id is the same text is another
newest_ids as (
    select distinct on (lines.feed_id, lines.source_person_key)
        lines.feed_id,
        lines.source_person_key,
        lines.external_id,
        coalesce(lines.person_scope, '') as person_scope
    from lines
    inner join ids_of_keys
        on
            lines.feed_id = ids_of_keys.feed_id
            and lines.source_person_key = ids_of_keys.source_person_key
    order by
        lines.feed_id asc,
        lines.source_person_key asc,
        lines.person_key_is_id is true asc,
        lines.external_id is null asc,
        {{ newest_line() }}
),

identified as (
    select
        lines.*,
        -- spoken to somebody else than the person listed, or a key used twice: each such line's own id speaks for it
        case
            when
                lines.external_id <> coalesce(newest_ids.external_id, '')
                and coalesce(lines.person_scope, '') = newest_ids.person_scope
                then lines.source_person_key || ' / ' || lines.external_id
            when coalesce(lines.person_scope, '') <> newest_ids.person_scope
                then lines.source_person_key || ' / ' || concat_ws(' ', lines.person_scope, lines.external_id)
            else lines.source_person_key
        end as identity_key
    from lines
    left join newest_ids
        on
            lines.feed_id = newest_ids.feed_id
            and lines.source_person_key = newest_ids.source_person_key
            and lines.external_id is not null
)

select * from identified
