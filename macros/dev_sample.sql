{#
    The target dev: a developer's own schemas (dev_<user>_staging, dev_<user>_marts, …), built from a sample of the voters and
    all rows about them. Everything else is only read: raw, and of the last refresh who is matched to whom.

    The sample is drawn by hash, so it is the same every time: `--vars '{sample_voters: 50}'` takes 50 percent of the voters
    instead of 10. A person who is matched to nobody is drawn by the key the partner gave.
#}

{# on-run-start of dev: whom the sample keeps, and the voter_id that production gave them (matches speak of it). #}
{% macro prepare_dev() %}
{% if execute and flags.WHICH in ('build', 'run', 'test', 'seed') %}
{% set keys = adapter.get_relation(target.database, 'intermediate', 'int_voter_keys') %}
{% set lines = adapter.get_relation(target.database, 'intermediate', 'int_contact_lines__resolved') %}
{% if not (keys and lines) %}
    {{ exceptions.raise_compiler_error('The target dev reads the last refresh, and there was none: run `exchange refresh` first.') }}
{% endif %}
{% set own_keys = keys.incorporate(path={'schema': target.schema ~ '_intermediate'}) %}
{% set people = dev_people() %}
{# dbt looked at the schemas before this runs; unknown to it, the table would be made a second time #}
{% do adapter.cache_added(own_keys) %}
create schema if not exists {{ target.schema }}_staging;
create schema if not exists {{ target.schema }}_intermediate;

create table if not exists {{ own_keys }} (like {{ keys }});
truncate {{ own_keys }};
insert into {{ own_keys }}
select * from {{ keys }} where {{ is_sampled("state || ' ' || state_voter_id") }};
analyze {{ own_keys }};

create table if not exists {{ people }} (feed_id text, source_person_key text, is_kept boolean, primary key (feed_id, source_person_key));
truncate {{ people }};
insert into {{ people }}
select
    lines.feed_id,
    lines.source_person_key,
    -- one key of two people: both are in the sample, or neither
    bool_and(own_keys.voter_id is not null) as is_kept
from {{ lines }} as lines
left join {{ own_keys }} as own_keys on lines.voter_id = own_keys.voter_id
where lines.voter_id is not null and lines.source_person_key is not null
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

{% macro dev_people() -%}
    {{ target.schema }}_staging.sample_people
{%- endmacro %}

{# Whether the hash of a key is among the first `sample_voters` percent. md5: the same in every version of Postgres. #}
{% macro is_sampled(key) -%}
    ('x' || left(md5({{ key }}), 7))::bit(28)::int % 10000 < {{ (var('sample_voters', 10) * 100) | int }}
{%- endmacro %}
