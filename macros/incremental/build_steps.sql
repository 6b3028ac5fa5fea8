{#
    What happens around the build of a model that follows changes (macros/incremental/following.sql), all in its own
    transaction: before, its number and the touched groups; after, what it was built from. A number taken later is greater, so a
    change is new to a model if its number is greater than that of the model's last build, also after a crash between models.
#}

{# on-run-start #}
{% macro create_change_log() %}
{% if execute %}
create schema if not exists {{ model_state().schema }};
create sequence if not exists {{ model_state().schema }}.change_no;
create table if not exists {{ model_state() }} (
    model text primary key,
    schema_name text not null,
    digest text not null,
    follows text[] not null,
    built_no bigint not null,
    rebuilt_no bigint not null
);
{{ create_unpublished_build() }}

-- a model that is no more takes its rows along: nobody would withdraw them, or see its changes any more
    {% set models = [] %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' %}{% do models.append(node.alias) %}{% endfor %}
do $$
declare
    gone record;
begin
    for gone in
        delete from {{ model_state() }} where model <> all (array['{{ models | join("', '") }}'])
        returning schema_name, model
    loop
        execute format('drop table if exists %I.%I cascade', gone.schema_name, gone.model);
        execute format('drop table if exists %I.%I', gone.schema_name, gone.model || '__changes');
    end loop;
end
$$;
{% endif %}
{% endmacro %}

{# pre-hook #}
{% macro find_touched() %}
{% if execute and follows_changes() %}
create temporary table build on commit drop as
select nextval('{{ model_state().schema }}.change_no') as change_no;
    {% if is_incremental() %}
        {% set keys = model.config.meta['keys'] %}
create temporary table touched on commit drop as
select distinct {{ keys | join(', ') if keys else 'everything' }} from (
        {% set found = [] %}
        {% for upstream in followed() if keys %}
            {% do found.append(groups_touched_by(upstream, keys)) %}
        {% endfor %}
    {{ found | join('\n    union all') or 'select 1 as everything where ' ~ (is_whole_touched() if model.config.meta['touched_by'] else 'true') }}
) as found
        {% if keys %}
where ({{ keys | join(', ') }}) is not null
-- in their order, the pages of a large table are read once
order by {{ keys | join(', ') }};
create unique index on pg_temp.touched ({{ keys | join(', ') }})
        {% endif %}
;
analyze pg_temp.touched;
    {% endif %}
{% endif %}
{% endmacro %}

{# The groups that changes of one followed table since the last build touch. #}
{% macro groups_touched_by(upstream, keys) -%}
    {%- set own = upstream.columns.keys() | list -%}
    {%- set is_new -%}
        change_no > {{ last_build_no() }}
    {%- endset -%}
    {%- if own | sort == keys | sort %}
    select {{ their_keys(upstream, keys) }} from {{ upstream.changes }} where {{ is_new }}
        {%- if config.get('full_refresh') is false %}
    {{ everything_if_rebuilt(upstream, keys) }}
        {%- endif %}
    {%- elif own %}
    select stored.{{ keys | join(', stored.') }} from {{ this }} as stored
    where (stored.{{ own | join(', stored.') }}) in (
        select {{ upstream.columns.values() | join(', ') }} from {{ upstream.changes }} where {{ is_new }}
    )
    {%- else %}
        {{ exceptions.raise_compiler_error('meta.touched_by: any change of ' ~ upstream.name ~ ' touches everything, so keys must be [].') }}
    {%- endif -%}
{%- endmacro %}

{# The keys' columns in a followed table, in their order. #}
{% macro their_keys(upstream, keys) -%}
    {%- for key in keys -%}{{ upstream.columns[key] }} as {{ key }}{{ ', ' if not loop.last }}{%- endfor -%}
{%- endmacro %}

{# A model that is never rebuilt compares everything when one it follows was. #}
{% macro everything_if_rebuilt(upstream, keys) -%}
    {%- set was_rebuilt -%}
        exists (
            select from {{ model_state() }} as own
            inner join {{ model_state() }} as followed on own.built_no < followed.rebuilt_no
            where own.model = '{{ this.identifier }}' and followed.model = '{{ upstream.name }}'
        )
    {%- endset %}
    union all
    select {{ keys | join(', ') }} from {{ this }} where {{ was_rebuilt }}
    union all
    select {{ their_keys(upstream, keys) }} from {{ ref(upstream.name) }} where {{ was_rebuilt }}
{%- endmacro %}

{# post-hook #}
{% macro note_build() %}
{% if execute and follows_changes() %}
    {% set changes = changes_of(model) %}
    {% set tells = model.config.meta.get('tells', []) %}
    {% if not is_incremental() %}
drop table if exists {{ changes }};
    {% endif %}
create table if not exists {{ changes }} as
select 0::bigint as change_no{% for column in tells %}, {{ column }}{% endfor %} from {{ this }} where false;
    {% if waits_for_publication() %}
delete from {{ unpublished_build() }};
insert into {{ unpublished_build() }} (model, schema_name, digest, follows, built_no, is_everything)
select '{{ this.identifier }}', '{{ this.schema }}', {{ build_digest() }}, {{ followed_names() }}, build.change_no, {{ not is_incremental() }}
from pg_temp.build;
    {% else %}
insert into {{ model_state() }} as state (model, schema_name, digest, follows, built_no, rebuilt_no)
select '{{ this.identifier }}', '{{ this.schema }}', {{ build_digest() }}, {{ followed_names() }}, build.change_no, {{ '0' if is_incremental() else 'build.change_no' }}
from pg_temp.build
on conflict (model) do update set
    schema_name = excluded.schema_name,
    digest = excluded.digest,
    follows = excluded.follows,
    built_no = excluded.built_no,
    rebuilt_no = greatest(state.rebuilt_no, excluded.rebuilt_no);
    {% endif %}
{% endif %}
{% endmacro %}

{# on-run-end: changes that every follower has seen, also of what was withdrawn, are told no longer #}
{% macro forget_seen_changes() %}
{% if execute and flags.WHICH in ('build', 'run') %}
do $$
declare
    told record;
begin
    for told in
        select
            producer.schema_name,
            producer.model,
            coalesce(min(follower.built_no), producer.built_no) as seen_no
        from {{ model_state() }} as producer
        left join {{ model_state() }} as follower on producer.model = any (follower.follows)
        group by producer.schema_name, producer.model, producer.built_no
    loop
        execute format('delete from %I.%I where change_no <= $1', told.schema_name, told.model || '__changes') using told.seen_no;
    end loop;
    {% if target.name != 'dev' and adapter.get_relation(target.database, 'matching', 'matches__changes') %}
    -- matching notes its changes without knowing who follows it
    delete from matching.matches__changes
    where change_no <= (select min(state.built_no) from {{ model_state() }} as state where 'matches' = any (state.follows));
    {% endif %}
end
$$;
{% endif %}
{% endmacro %}
