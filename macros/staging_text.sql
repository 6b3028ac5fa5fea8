{# The sentence a partner reads about a value that could not be understood. #}
{% macro problem(column, value, expected) -%}
    concat('{{ column }} is ', coalesce('''' || left({{ value }}, 80) || '''', 'empty'), ', expected {{ expected }}')
{%- endmacro %}

{# The key of a line whose own key is missing: such a line is quarantined, but still counted once. #}
{% macro line_key() -%}
    concat('file ', _file_id, ' line ', _row_number)
{%- endmacro %}

{# The calendar day of an instant in a feed's time zone: the contact date of the sharing rules. #}
{% macro local_day(instant, timezone) -%}
    ({{ instant }} at time zone {{ timezone }})::date
{%- endmacro %}

{# A person's scope in a state-scoped namespace, when neither feed nor row names it. #}
{% macro state_scope(row_state) -%}
    coalesce(person_scope, case when person_scope_kind = 'state' then upper({{ clean_text(row_state) }}) end)
{%- endmacro %}
