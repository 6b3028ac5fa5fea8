{#
    The target dev: a developer's own schemas (dev_<user>_staging, dev_<user>_marts, …), built from a sample of the voters and
    all rows about them. Everything else is only read: raw, and of the last refresh who is matched to whom.

    The sample is drawn by hash, so it is the same every time: `--vars '{sample_voters: 50}'` takes 50 percent of the voters
    instead of 10. A person who is matched to nobody is drawn by the key the partner gave.
#}

{# on-run-start of dev: whom the sample keeps, and the numbers that production gave (matches and facts speak of them). #}
{% macro prepare_dev() %}
{% if execute and flags.WHICH in ('build', 'run', 'test', 'seed') %}
{% set lines = of_last_refresh('int_contact_lines__resolved') %}
{% set keys = of_last_refresh('int_voter_keys') %}
{% set people = dev_people() %}
create schema if not exists {{ target.schema }}_staging;
create schema if not exists {{ target.schema }}_intermediate;

    {# what is never rebuilt begins with what production has: numbers given once, and history #}
    {% for node in graph.nodes.values() if node.config.full_refresh is false and node.unique_id in selected_resources %}
        {% set given = adapter.get_relation(target.database, node.schema[target.schema | length + 1 :], node.alias) %}
        {% if given %}
            {% set own = dev_copy(given) %}
            {% set columns = adapter.get_columns_in_relation(given) | map(attribute='name') | list %}
create schema if not exists {{ own.schema }};
create table if not exists {{ own }} (like {{ given }});
truncate {{ own }};
insert into {{ own }}
select * from {{ given }}
            {% if 'voter_id' in columns %}
where voter_id in (select voter_id from {{ keys }} where {{ is_sampled("state || ' ' || state_voter_id") }})
            {% endif %}
;
analyze {{ own }};
        {% endif %}
    {% endfor %}

create table if not exists {{ people }} (feed_id text, source_person_key text, is_kept boolean, primary key (feed_id, source_person_key));
truncate {{ people }};
insert into {{ people }}
select
    lines.feed_id,
    lines.source_person_key,
    -- one key of two people: both are in the sample, or neither
    bool_and({{ is_sampled("keys.state || ' ' || keys.state_voter_id") }}) as is_kept
from {{ lines }} as lines
inner join {{ keys }} as keys on lines.voter_id = keys.voter_id
where lines.source_person_key is not null
group by lines.feed_id, lines.source_person_key;
analyze {{ people }};
{% endif %}
{% endmacro %}

{# post-hook of every staging model: in dev, only the sample's rows stay. Told by columns, so a new model needs nothing. #}
{% macro keep_sample() %}
{% if execute and target.name == 'dev' and var('sample_voters', 10) < 100 %}
    {% set columns = adapter.get_columns_in_relation(this) | map(attribute='name') | list %}
    {% if 'state_voter_id' in columns %}
        {% set kept = is_sampled("state || ' ' || state_voter_id") %}
    {% elif 'source_person_key' in columns %}
        {% set kept = 'coalesce(people.is_kept, ' ~ is_sampled("lines.feed_id || ' ' || lines.source_person_key") ~ ')' %}
        {% set people = dev_people() %}
    {% endif %}
    {% if kept and config.get('materialized') != 'view' %}
        {{ exceptions.raise_compiler_error(this ~ ' is no view: macros/dev_sample.sql does not know how to sample it.') }}
    {% elif kept %}
        {% set whole = this.incorporate(path={'identifier': this.identifier ~ '__whole'}) %}
drop view if exists {{ whole }} cascade;
alter view {{ this }} rename to {{ whole.identifier }};
create view {{ this }} as
select lines.*
from {{ whole }} as lines
        {% if people %}
left join {{ people }} as people on lines.feed_id = people.feed_id and lines.source_person_key = people.source_person_key
        {% endif %}
-- a row without a key belongs to nobody; it is quarantined, and worth seeing
where coalesce({{ kept }}, true)
    {% endif %}
{% endif %}
{% endmacro %}

{# `dbt run-operation drop_dev --target dev`: takes a developer's schemas away. #}
{% macro drop_dev() %}
{% if target.name != 'dev' %}
    {{ exceptions.raise_compiler_error('drop_dev is for the target dev: add --target dev.') }}
{% endif %}
{% set found = run_query(
    "select nspname from pg_namespace where starts_with(nspname, '" ~ target.schema ~ "_') and nspowner = current_user::regrole"
) %}
{% for row in found.rows %}
    {% do run_query('drop schema ' ~ adapter.quote(row[0]) ~ ' cascade') %}
    {{ log('dropped ' ~ row[0], info=true) }}
{% endfor %}
{% endmacro %}

{% macro of_last_refresh(name) -%}
    {%- set found = adapter.get_relation(target.database, 'intermediate', name) -%}
    {%- if not found -%}
        {{ exceptions.raise_compiler_error('The target dev reads the last refresh, and there was none: run `exchange refresh` first.') }}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{# A developer's own copy of a table, which dbt knows of: it looked at the schemas before, and would make it a second time. #}
{% macro dev_copy(relation) -%}
    {%- set own = relation.incorporate(path={'schema': target.schema ~ '_' ~ relation.schema}) -%}
    {%- do adapter.cache_added(own) -%}
    {{ return(own) }}
{%- endmacro %}

{% macro dev_people() -%}
    {{ target.schema }}_staging.sample_people
{%- endmacro %}

{# Whether the hash of a key is among the first `sample_voters` percent. md5: the same in every version of Postgres. #}
{% macro is_sampled(key) -%}
    ('x' || left(md5({{ key }}), 7))::bit(28)::int % 10000 < {{ (var('sample_voters', 10) * 100) | int }}
{%- endmacro %}
