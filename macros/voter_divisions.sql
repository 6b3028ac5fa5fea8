{#
    Every division whose contests are on a voter's ballot, as an array of OCD ids.
    voters: the relation with the voter's state and districts; county: SQL of the county's division; place: of the place's one.
#}
{% macro voter_divisions(voters, county, place) -%}
    array_remove(
            array[
                'ocd-division/country:us',
                'ocd-division/country:us/state:' || lower({{ voters }}.state),
                {{ voters }}.congressional_district,
                {{ voters }}.state_senate_district,
                {{ voters }}.state_house_district,
                {{ county }},
                {{ place }}
            ],
            null
        )
{%- endmacro %}

{# The OCD id of the place a voter lives in: where the file tells no municipality, the postal city stands for it. #}
{% macro place_division(voters) -%}
    'ocd-division/country:us/state:' || lower({{ voters }}.state) || '/place:'
                || translate(lower(coalesce({{ voters }}.municipality, {{ voters }}.city)), ' ''.', '_~')
{%- endmacro %}
