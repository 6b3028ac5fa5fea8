{# When the coverage of all audiences was last counted and published: counted_on, withdrawn_files, definition. At most one row. #}
{% macro last_coverage() -%}
    {#- sqlfluff reads this file without dbt: no graph, no target -#}
    {%- if execute and target is defined and target.name != 'dev' and adapter.get_relation(target.database, 'published', 'last_coverage') -%}
        (select counted_on, withdrawn_files, definition from published.last_coverage)
    {%- else -%}
        (select null::date as counted_on, null::bigint as withdrawn_files, null::text as definition where false)
    {%- endif -%}
{%- endmacro %}

{# A digest of how coverage is counted: the texts of these models. #}
{% macro coverage_definition() -%}
    {%- if graph is defined -%}
        {%- set texts = [] -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and 'coverage' in node.config.tags -%}
            {%- do texts.append(node.name ~ node.raw_code) -%}
        {%- endfor -%}
        {{ return(local_md5(texts | sort | join)) }}
    {%- endif -%}
{%- endmacro %}
