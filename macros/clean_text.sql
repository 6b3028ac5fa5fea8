{# Trimmed text, and null for the empty text: the two are one meaning in every delivered file. #}
{% macro clean_text(column) -%}
    nullif(btrim({{ column }}), '')
{%- endmacro %}
