{# The order of the lines of one contact: the earliest tells its day and channel. #}
{% macro first_line() -%}
    lines.contacted_at, lines.feed_id collate "C", lines.source_record_key collate "C"
{%- endmacro %}
