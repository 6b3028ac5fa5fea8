{#
    Overrides dbt's macro: descriptions go to the database when a table is built from nothing. dbt writes them in every build, also of a
    table that nothing touched: a third of what such a build costs.
#}
{% macro persist_docs(relation, model, for_relation=true, for_columns=true) -%}
    {% if not (follows_changes() and is_incremental()) %}
        {{ return(adapter.dispatch('persist_docs', 'dbt')(relation, model, for_relation, for_columns)) }}
    {% endif %}
{%- endmacro %}
