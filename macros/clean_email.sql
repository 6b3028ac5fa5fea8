{#
    One e-mail address in lower case, else null: of "Ann <a@b.c>" the address, of "a@b.c; d@e.f" the first. A note in the column
    ("none", "was a@b.c") is nobody's address.
#}
{% macro clean_email(column) -%}
    substring(lower({{ column }}) from '^(?:[^@<]*<)?\s*([^@\s,;<>]+@[^@\s,;<>/|()]+)(?:$|[\s,;<>/|()])')
{%- endmacro %}
