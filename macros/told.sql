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

{#
    Orders that count before age (newest_told): a newer 'Unknown' or 'J' takes nothing from 'Jose'. A value that says little is
    still told if it is the only one, so that no more than an order depends on these words.
#}
{# Names: two letters at least, and no word for a name that nobody knows. #}
{% macro useless_name(column) -%}
    lines.{{ column }}
            ~* '^(.?\W*|\W*(unknown|unk|anonymous|none|no\s*name|null|nil|n\W?a|nmi|nmn|test(ing|er)?|voter|resident|not (given|provided|known))\W*)$'
{%- endmacro %}

{#
    Birth dates: 0 a whole one (six digits or more, or the name of a month), 1 a year alone or another notation, 2 no date:
    no digits, or what a database writes for none.
#}
{% macro birth_date_rank(column) -%}
    case
                when {{ column }} ~ '^\s*(0000|00?[/-]00?[/-]|1900-?0?1-?0?1(\D|$)|0?1[/-]0?1[/-]1900)' or {{ column }} !~ '\d{2}'
                    then 2
                when {{ column }} ~* '(\d\D*){6}|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec' then 0
                else 1
            end
{%- endmacro %}
