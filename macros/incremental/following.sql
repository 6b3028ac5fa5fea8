{#
    Models that touch only what changed. A model says in `meta`

    - keys: its rows are computed in groups that share these columns; [] means the whole model is one group;
    - touched_by: for every model it reads, which groups a change there touches: a list of columns that both have, or
      {own column: column there}; own columns that are no keys are looked up in the stored rows. none (only where keys is []): a
      change there touches everything. false: whatever changes there is told by another. {}: computed in every build, and compared;
    - tells: the columns that it notes, old and new values, of every row that changed, for the models that read it;

    and filters what it reads by `touched('column, column')`, its keys' columns there. The SQL is the same in a full build, where
    that filter is `true`: so incremental rows are those of a full build, computed for fewer groups.

    A model is rebuilt in full when its file, a macro, or a seed that it reads changed, and when a model it follows was. One
    without keys is then only compared, so that whoever follows it learns what really differs; with `compare: false` it is rebuilt
    instead whenever it is touched.
#}

{# Whether the model follows changes, as said above. #}
{% macro follows_changes() -%}
    {{ return(model.resource_type == 'model' and 'keys' in model.config.get('meta', {})) }}
{%- endmacro %}

{# The filter of touched groups: `columns` are the keys, in their order, in the relation that is filtered. #}
{% macro touched(columns='') -%}
    {%- if not (follows_changes() and is_incremental()) -%}
        true
    {%- elif model.config.meta['keys'] -%}
        ({{ columns }}) in (select {{ model.config.meta['keys'] | join(', ') }} from pg_temp.touched)
    {%- else -%}
        exists (select from pg_temp.touched)
    {%- endif -%}
{%- endmacro %}

{# Overrides dbt's macro: whether this build starts from nothing. #}
{% macro should_full_refresh() %}
    {% set configured = config.get('full_refresh') %}
    {% if configured is not none %}
        {{ return(configured) }}
    {% endif %}
    {% if flags.FULL_REFRESH or not (execute and follows_changes()) %}
        {{ return(flags.FULL_REFRESH) }}
    {% endif %}
    {# asked a dozen times in one build #}
    {% if 'is_outdated' not in model %}
        {# a developer's sample is drawn from views, which note no changes #}
        {% do model.update({'is_outdated': target.name == 'dev' or is_outdated()}) %}
    {% endif %}
    {{ return(model.is_outdated) }}
{% endmacro %}

{# Whether the stored rows are of another file, macro or seed, or follow a model that was rebuilt since. #}
{% macro is_outdated() %}
    {% set state = model_state() %}
    {% if adapter.get_relation(state.database, state.schema, state.identifier) is none %}
        {{ return(true) }}
    {% endif %}
    {% set query %}
        select 1 as one from {{ state }} as own
        where
            own.model = '{{ this.identifier }}'
            and own.digest = {{ build_digest() }}
    {%- if model.config.meta['keys'] %}
            and not exists (
                select from {{ state }} as followed
                where followed.model = any({{ followed_names() }}) and followed.rebuilt_no > own.built_no
            )
    {%- elif model.config.meta.get('compare') is false %}
            and not ({{ is_whole_touched() }})
    {%- endif %}
    {% endset %}
    {{ return(run_query(query).rows | length == 0) }}
{% endmacro %}

{# Whether something that a model without keys follows changed, or was rebuilt, since its last build. #}
{% macro is_whole_touched() -%}
    {%- set built_no = last_build_no() -%}
    exists (
        select from {{ model_state() }} as followed
        where followed.model = any({{ followed_names() }}) and followed.rebuilt_no > {{ built_no }}
    )
    {%- for upstream in followed() %}
        or exists (select from {{ upstream.changes }} where change_no > {{ built_no }})
    {%- endfor -%}
{%- endmacro %}

{# The number of the model's last build; 0 before the first. #}
{% macro last_build_no() -%}
    (select coalesce(max(state.built_no), 0) from {{ model_state() }} as state where state.model = '{{ this.identifier }}')
{%- endmacro %}

{# What a model's rows depend on besides those it follows: texts, macros, seeds, the key of ids. As an SQL expression. #}
{% macro build_digest() -%}
    {%- set texts = with_views_read(model) | map(attribute='raw_code') | join -%}
    {%- if waits_for_publication() -%}{%- set texts = texts ~ texts_of_sharing() -%}{%- endif -%}
    md5(
        '{{ local_md5(texts ~ model.config.meta | tojson ~ env_var("EXCHANGE_DBT_MACROS", "")) }}'
        {%- for seed in seeds_read() %}
        || coalesce((select string_agg(md5(seed::text), '' order by md5(seed::text)) from {{ seed }} as seed), '')
        {%- endfor %}
        {#- public ids are made with the refresh's key #}
        {%- if 'source.' ~ project_name ~ '.intake.refresh' in model.depends_on.nodes %}
        || (select refresh.id_key from {{ source('intake', 'refresh') }} as refresh order by refresh.refresh_id desc limit 1)
        {%- endif %}
    )
{%- endmacro %}

{# The node and the views it reads, with those that they read. #}
{% macro with_views_read(node) -%}
    {%- set found = [node] -%}
    {%- for parent in node.depends_on.nodes if parent.startswith('model.') and graph.nodes[parent].config.materialized == 'view' -%}
        {%- do found.extend(with_views_read(graph.nodes[parent])) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# The seeds whose rows a model depends on; one that is computed in every build sees them anyway. #}
{% macro seeds_read() -%}
    {%- set found = [] -%}
    {%- for node in with_views_read(model) if model.config.meta['touched_by'] -%}
        {%- for parent in node.depends_on.nodes if parent.startswith('seed.') -%}
            {%- set seed = graph.nodes[parent] -%}
            {%- do found.append(api.Relation.create(database=seed.database, schema=seed.schema, identifier=seed.alias) | string) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found | unique | sort) }}
{%- endmacro %}

{#
    What the model follows: a list of {name, changes: the relation where it notes its changes, columns: {own column: column there}}.
    Following a view is following what it reads. Refuses a model that reads what it does not follow.
#}
{% macro followed() -%}
    {%- if 'followed' in model -%}
        {{ return(model.followed) }}
    {%- endif -%}
    {%- set touched_by, found = model.config.meta['touched_by'], [] -%}
    {%- for node in model.depends_on.nodes if touched_by and node.startswith('model.') and node.split('.')[-1] not in touched_by -%}
        {{ exceptions.raise_compiler_error(
            'It reads ' ~ node.split('.')[-1] ~ ': meta.touched_by must say which groups a change there touches (none: all of them).'
        ) }}
    {%- endfor -%}
    {%- for name, columns in touched_by.items() if columns is not false -%}
        {%- if columns is mapping -%}
            {%- set pairs = columns -%}
        {%- else -%}
            {%- set pairs = {} -%}
            {%- for column in columns or [] -%}{%- do pairs.update({column: column}) -%}{%- endfor -%}
        {%- endif -%}
        {%- for node in tables_behind(name) -%}
            {%- for column in pairs.values() if column not in node.config.meta.get('tells', []) and node.resource_type == 'model' -%}
                {{ exceptions.raise_compiler_error('meta.touched_by: ' ~ node.name ~ ' does not tell ' ~ column ~ '.') }}
            {%- endfor -%}
            {%- do found.append({'name': node.name, 'changes': changes_of(node), 'columns': pairs}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do model.update({'followed': found}) -%}
    {{ return(found) }}
{%- endmacro %}

{# The names of the models it follows, as an array; also of those whose changes its own text looks at (meta `reads_changes_of`). #}
{% macro followed_names() -%}
    {%- set names = followed() | map(attribute='name') | list + model.config.meta.get('reads_changes_of', []) -%}
    array[{% for name in names %}'{{ name }}'{{ ', ' if not loop.last }}{% endfor %}]::text[]
{%- endmacro %}

{# The node of a name (`schema.table` for a source); of a view, the nodes of what it reads. #}
{% macro tables_behind(name) -%}
    {%- if '.' in name -%}
        {{ return([graph.sources['source.' ~ project_name ~ '.' ~ name]]) }}
    {%- endif -%}
    {%- set node = graph.nodes['model.' ~ project_name ~ '.' ~ name] -%}
    {%- if node.config.materialized != 'view' -%}
        {{ return([node]) }}
    {%- endif -%}
    {%- set found = [] -%}
    {%- for parent in node.depends_on.nodes if parent.startswith('model.') -%}
        {%- do found.extend(tables_behind(parent.split('.')[-1])) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Where a node notes its changes: beside it. #}
{% macro changes_of(node) -%}
    {{ return(api.Relation.create(
        database=node.database, schema=node.schema, identifier=(node.alias if node.resource_type == 'model' else node.identifier) ~ '__changes'
    )) }}
{%- endmacro %}

{# What every following model was built from, and when: one row per model. #}
{% macro model_state() -%}
    {{ return(api.Relation.create(database=target.database, schema=generate_schema_name('ops', none), identifier='model_state')) }}
{%- endmacro %}
