{#
    The strategy of a sharing model that keeps the rows of all voters and computes those of touched_voters: it replaces, for each
    audience, what it computed. Columns audience_id and voter_id; the model reads touched_voters and audiences.

    Rows of an audience that partners read until the next publication stay as they are: if its rules come back before anything was
    published, it is no newcomer, and only voters touched since the last publication would be computed.
#}
{% macro get_incremental_of_touched_voters_sql(arguments) %}
    {% set stored, computed = arguments['target_relation'], arguments['temp_relation'] %}
    {% set columns = arguments['dest_columns'] | map(attribute='quoted') | join(', ') %}
delete from {{ stored }}
where
    (select is_everything from {{ unpublished_build() }})
    or audience_id in (select fresh.audience_id from {{ ref('audiences') }} as fresh where fresh.is_fresh)
    or audience_id <> all(
        {{ published_audiences() }} || array(select present.audience_id from {{ ref('audiences') }} as present)
    )
    or (
        voter_id in (select scope.voter_id from {{ ref('touched_voters') }} as scope where scope.is_touched)
        and audience_id in (select present.audience_id from {{ ref('audiences') }} as present)
    );
insert into {{ stored }} ({{ columns }})
select {{ columns }} from {{ computed }};
analyze {{ stored }};
{% endmacro %}
