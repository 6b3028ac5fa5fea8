{# A VAN report often prints the day alone; noon keeps it that day in every neighbouring time zone. #}
{% macro van_instant(column, timezone) -%}
    staging.to_instant(
        case when {{ column }} ~ '^\s*\d{1,2}/\d{1,2}/\d{4}\s*$' then btrim({{ column }}) || ' 12:00' else {{ column }} end,
        {{ timezone }}
    )
{%- endmacro %}
