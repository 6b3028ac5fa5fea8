{# The order in which answers win: newest first, ties by lowest code, then feed and record in byte order. #}
{% macro newest_answer_first() -%}
    contacted_at desc, answer_code asc, feed_id collate "C" asc, record_id collate "C" asc
{%- endmacro %}
