{#
    dbt writes what it ran to <target>/run/<project>/<path of the node>. For a seed with an absolute path that is the seed's
    own file: the registry would be overwritten. A refresh therefore gives dbt a working copy; by hand, refuse.
#}
{% macro guard_registry() %}
{% if execute and not env_var('EXCHANGE_DBT_REGISTRY', '') and env_var('EXCHANGE_REGISTRY', '').startswith('/') %}
    {{ exceptions.raise_compiler_error(
        'dbt would overwrite the registry at ' ~ env_var('EXCHANGE_REGISTRY')
        ~ '. Run eval "$(exchange db env)" first: it points dbt at a working copy.'
    ) }}
{% endif %}
{% endmacro %}
