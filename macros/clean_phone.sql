{#
    Ten digits of a US phone in any notation ((919) 555-0101, +1 919.555.0101, 9195550101.0 of a spreadsheet), else null. What
    stands behind it is not read: an extension, a note, a second number. +353 123 4567 89 is no US phone. One pattern for all,
    since it is run for each line: 3, 3 and 4 digits with no letter between.
#}
{% macro clean_phone(column) -%}
    regexp_replace(
        substring(
            {{ column }}
            from '^(?![^\d+]*\+\D*[02-9](?:\D*\d){10})\D*(?:(?:00\D{0,2})?1\D{0,3})?(\d{3}[^\dA-Za-z]{0,7}\d{3}[^\dA-Za-z]{0,7}\d{4})(?!\d)'
        ),
        '\D', '', 'g'
    )
{%- endmacro %}
