{#
    Ten digits of a US phone in any notation ((919) 555-0101, +1 919.555.0101, 1-919-555-0101 ext. 12), else null. The
    extension goes first: its digits would make the number one of eleven or more.
#}
{% macro clean_phone(column) -%}
    substring(
        regexp_replace(
            regexp_replace({{ column }}, '[\s,;]*(x|ext|extn|extension|#)[\s.:=]*\d{1,6}\s*$', '', 'i'), '\D', '', 'g'
        )
        from '^(?:(?:00)?1)?(\d{10})$'
    )
{%- endmacro %}
