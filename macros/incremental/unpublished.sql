{#
    Models of `sharing` hold what the next publication may have to change, so "since the last build" means for them "since the last
    publication". touched_voters (meta `until_published`) finds who that is; publishing (exchange/publishing/scope.py) notes its
    build as done, in the transaction that publishes. Until then nothing is forgotten, however often dbt runs.
#}

{# Whether "since" is the last publication. #}
{% macro waits_for_publication() -%}
    {{ return(model.config.get('meta', {}).get('until_published', false)) }}
{%- endmacro %}

{# The build that publishing will note: one row. #}
{% macro unpublished_build() -%}
    {{ return(api.Relation.create(database=target.database, schema=generate_schema_name('ops', none), identifier='unpublished_build')) }}
{%- endmacro %}

{# on-run-start #}
{% macro create_unpublished_build() %}
create table if not exists {{ unpublished_build() }} (
    model text primary key,
    schema_name text not null,
    digest text not null,
    follows text[] not null,
    built_no bigint not null,
    is_everything boolean not null
);
{% endmacro %}

{# The rows of a model's change notes that no publication has seen; none where everything is built anew. #}
{% macro unpublished(relation) -%}
    (select * from {{ relation.schema }}.{{ relation.identifier }}__changes where {{ 'change_no > ' ~ last_build_no() if is_incremental() else 'false' }})
{%- endmacro %}

{# Whether this build is of everything, for the first publication or as if it were. #}
{% macro nothing_is_published() -%}
    {{ not is_incremental() }}
{%- endmacro %}

{# What a text of a sharing model may change in any view. #}
{% macro texts_of_sharing() -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.config.group == 'sharing' -%}
        {%- do found.append(node.name ~ node.raw_code) -%}
    {%- endfor -%}
    {{ return(found | sort | join) }}
{%- endmacro %}

{# The audiences that partners read now, as an array. Where nothing is published, none. #}
{% macro published_audiences() -%}
    {%- if execute and target.name != 'dev' and adapter.get_relation(target.database, 'published', 'audience_state') -%}
        array(select audience_id from published.audience_state)
    {%- else -%}
        array[]::int[]
    {%- endif -%}
{%- endmacro %}

{# The day of the last publication, as rules were judged. #}
{% macro published_on() -%}
    {%- if is_incremental() -%}
        (select (as_of at time zone 'UTC')::date from published.last_build)
    {%- else -%}
        null::date
    {%- endif -%}
{%- endmacro %}

{# audience_id and voter_id of everybody whom a partner's view shows as contacted. #}
{% macro published_reach() -%}
    {%- if execute and target.name != 'dev' and adapter.get_relation(target.database, 'published', 'voters') -%}
        (select audience_id, voter_id from published.voters where reach <> 'nobody')
    {%- else -%}
        (select null::int as audience_id, null::int as voter_id where false)
    {%- endif -%}
{%- endmacro %}

{# The strategy of such a model: its rows are those of this build, whatever they were. #}
{% macro get_incremental_replaced_sql(arguments) %}
delete from {{ arguments['target_relation'] }};
insert into {{ arguments['target_relation'] }} ({{ arguments['dest_columns'] | map(attribute='quoted') | join(', ') }})
select {{ arguments['dest_columns'] | map(attribute='quoted') | join(', ') }} from {{ arguments['temp_relation'] }};
analyze {{ arguments['target_relation'] }};
{% endmacro %}
