{#
    The lines of one raw table with the file and the feed they came in: what every staging model starts from.
    Adds feed_id, partner_id, file_format, timezone, feed_state, person_namespace, person_scope (of the feed's ids), _received_at.
#}
{% macro delivered_lines(system, file_format) -%}
    select
        lines.*,
        files.feed_id,
        files.partner_id,
        files.file_format,
        files.received_at as _received_at,
        feeds.timezone,
        feeds.state as feed_state,
        feeds.id_namespace as person_namespace,
        case namespaces.scope_kind
            when 'state' then coalesce(upper(feeds.id_scope), upper(feeds.state))
            when 'committee' then feeds.id_scope
        end as person_scope,
        namespaces.scope_kind as person_scope_kind
    from {{ source(system, file_format) }} as lines
    inner join {{ source('intake', 'file') }} as files on lines._file_id = files.file_id
    inner join {{ ref('feeds') }} as feeds on files.feed_id = feeds.feed_id
    left join {{ ref('id_namespaces') }} as namespaces on feeds.id_namespace = namespaces.namespace
{%- endmacro %}
