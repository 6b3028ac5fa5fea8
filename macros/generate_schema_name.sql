{#
    A layer's schema has the layer's name, without the target's prefix: grants and publish rely on the names. Only the
    target dev has a prefix, so that nothing a developer builds can land where a refresh builds.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if target.name == 'dev' -%}
        {{ target.schema }}_{{ (custom_schema_name or 'staging') | trim }}
    {%- else -%}
        {{ (custom_schema_name or target.schema) | trim }}
    {%- endif -%}
{%- endmacro %}
