{# Pennsylvania's 40 district slots: what a slot holds, and the number that its code stands for. #}

{# The value of a voter's slot, by its number (null: the county has no such slot). #}
{% macro pa_slot(number) -%}
    (array[{% for n in range(1, 41) %}district_{{ n }}{{ ', ' if not loop.last }}{% endfor %}])[{{ number }}]
{%- endmacro %}

{#
    A district's number, from its code (CG14, CON18TH, 6USCD, SE00046) or else from the code's description; the code itself if neither
    has exactly one number: the row is then quarantined with it.
#}
{% macro pa_district_number(code, description) -%}
    coalesce(
        substring({{ code }} from '^\D*?0*(\d{1,3})\D*$'),
        substring({{ description }} from '^\D*?0*(\d{1,3})\D*$'),
        {{ clean_text(code) }}
    )
{%- endmacro %}
