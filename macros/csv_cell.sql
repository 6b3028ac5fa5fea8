{# A value as one cell of a CSV file. #}
{% macro csv_cell(value) -%}
    case when {{ value }} ~ '[",\r\n]' then '"' || replace({{ value }}, '"', '""') || '"' else {{ value }} end
{%- endmacro %}

{# The problem of an answer that no line of answer_map.csv knows: told in one place, asked for in others. #}
{% macro unmapped_answer() -%}
    'answer is not in the answer map'
{%- endmacro %}
