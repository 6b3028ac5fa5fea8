{# A layer's schema has the layer's name, without the target's prefix: grants and publish rely on the names. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
