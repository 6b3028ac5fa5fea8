{#
    The OCD division id of a district given as such an id or as a plain number ('007' -> …/cd:7).
    kind: cd, sldu or sldl. Lower case, as OCD ids are. An at-large district arrives as 0, 00, AL or at-large.
#}
{% macro district_id(district, state, kind) -%}
    case
        when {{ district }} ilike 'ocd-division/%' then lower({{ district }})
        when {{ district }} ~* '^(0+|al|at-large)$'
            then 'ocd-division/country:us/state:' || lower({{ state }}) || '/{{ kind }}:at-large'
        else 'ocd-division/country:us/state:' || lower({{ state }}) || '/{{ kind }}:'
            || replace(lower(ltrim({{ district }}, '0')), ' ', '_')
    end
{%- endmacro %}
