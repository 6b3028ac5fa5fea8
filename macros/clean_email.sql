{# One e-mail address in lower case, else null: a note in the column ("none", two addresses) is nobody's address. #}
{% macro clean_email(column) -%}
    substring(lower(btrim({{ column }})) from '^[^@\s,;]+@[^@\s,;]+$')
{%- endmacro %}
