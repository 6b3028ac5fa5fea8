{#
    The lines of one raw table with the file and the feed they came in: what every staging model starts from.
    Adds feed_id, partner_id, file_format, timezone, feed_state, person_namespace, person_scope (of the feed's ids), _received_at.
    A file is read once: in a refresh, only lines of new files are.
#}
{% macro delivered_lines(system, file_format) -%}
    select
        lines.*,
        files.feed_id,
        files.partner_id,
        files.file_format,
        files.received_at as _received_at,
        files.timezone,
        files.feed_state,
        files.person_namespace,
        files.person_scope,
        files.person_scope_kind
    from {{ source(system, file_format) }} as lines
    inner join {{ ref('stg_files') }} as files on lines._file_id = files.file_id
    where {{ touched('lines._file_id') }}
{%- endmacro %}
