{#
    How the lines of an identity become one person (int_identities). Expects the lines in scope as `lines`.
    Newest: by what the lines tell, never by delivery, so that any order of deliveries gives the same.
#}
{% macro newest_line() -%}
    lines.contacted_at desc nulls last, lines.source_record_key collate "C"
{%- endmacro %}

{# The newest value told in a column. first: an order that counts before age. #}
{% macro newest_told(column, first=none) -%}
    (
            array_agg(lines.{{ column }} order by {{ first ~ ', ' if first else '' }}{{ newest_line() }})
            filter (where lines.{{ column }} is not null)
        )[1]
{%- endmacro %}

{# Every value told in a column: sorted in byte order, one blank between. #}
{% macro all_told(column) -%}
    string_agg(distinct lines.{{ column }} collate "C", ' ' order by lines.{{ column }} collate "C")
{%- endmacro %}
