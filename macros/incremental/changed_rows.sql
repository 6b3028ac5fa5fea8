{#
    The strategy of models that follow changes: of the touched groups, write the rows that differ and nothing else, and note them.
    unique_key tells one row from another; its columns are never null.
#}
{% macro get_incremental_changed_rows_sql(arguments) %}
    {% set stored, computed = arguments['target_relation'], arguments['temp_relation'] %}
    {% set columns = arguments['dest_columns'] | map(attribute='quoted') | list %}
    {% set tells = model.config.meta.get('tells', []) %}
    {% set changes = changes_of(model) %}
    {% if run_query('select 1 as one from pg_temp.touched limit 1').rows | length == 0 %}
        {{ return('select 0') }}
    {% endif %}
analyze {{ computed }};

create temporary table compared on commit drop as
select
    stored.row_id as stored_row,
    computed.row_id as computed_row
    {%- for column in tells %},
    stored.{{ column }} as stored_{{ column }},
    computed.{{ column }} as computed_{{ column }}
    {%- endfor %}
from (
    select rows.ctid as row_id, rows.* from {{ stored }} as rows
    where {{ touched('rows.' ~ model.config.meta['keys'] | join(', rows.')) }}
) as stored
full outer join (select rows.ctid as row_id, rows.* from {{ computed }} as rows) as computed
    on {% for column in arguments['unique_key'] %}stored.{{ column }} = computed.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
where
    stored.row_id is null
    or computed.row_id is null
    or (stored.{{ columns | join(', stored.') }}) is distinct from (computed.{{ columns | join(', computed.') }});
analyze pg_temp.compared;

insert into {{ changes }}
    {% for side in ['stored', 'computed'] %}
select build.change_no{% for column in tells %}, compared.{{ side }}_{{ column }}{% endfor %}
from pg_temp.compared cross join pg_temp.build
where compared.{{ side }}_row is not null
        {{ 'union' if loop.first }}
    {% endfor %}
;

delete from {{ stored }} using pg_temp.compared where {{ stored.identifier }}.ctid = compared.stored_row;

insert into {{ stored }} ({{ columns | join(', ') }})
select {{ columns | join(', ') }} from {{ computed }}
where ctid in (select compared.computed_row from pg_temp.compared);

do $$
begin
    -- the next model is planned before autovacuum has looked at this one
    if exists (select from pg_temp.compared) then
        analyze {{ stored }};
    end if;
end
$$;
{% endmacro %}
