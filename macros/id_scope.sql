{#
    The scope in which a person's id counts as its id in an audience's namespace: the state's where ids are of a state (a partner of
    several states has each person by the id of its own), the committee's where they are of one, none where they are national.
    audiences: has id_scope; voters: has state. Expects id_namespaces in scope as `namespaces`.
#}
{% macro id_scope(audiences, voters) -%}
    case namespaces.scope_kind
            when 'state' then coalesce(upper({{ audiences }}.id_scope), {{ voters }}.state)
            when 'committee' then {{ audiences }}.id_scope
            else ''
        end
{%- endmacro %}
