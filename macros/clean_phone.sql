{# Ten digits of a US phone in any notation, else null. #}
{% macro clean_phone(column) -%}
    substring(regexp_replace({{ column }}, '\D', '', 'g') from '^1?(\d{10})$')
{%- endmacro %}
