{#
    The columns every staging model of contacts ends with, so that int_contact_lines__delivered can union them.

    relation: the CTE to read. The other arguments are SQL: whose conversation keys these are (contact_source), the key of the
    event, of the delivered line if it tells several events (row_key), of the conversation, and of the person.
    is_contact: false where the tool only has the person on a list.
#}
{% macro contact_lines(relation, contact_source, record_key, contact_key, person_key, row_key=none, is_contact='true') -%}
    select
        feed_id,
        partner_id,
        file_format,
        {{ contact_source }} as contact_source,
        {{ record_key }} as source_record_key,
        {{ row_key or record_key }} as source_row_key,
        {{ contact_key }} as source_contact_key,
        {{ person_key }} as source_person_key,
        person_namespace,
        person_scope,
        external_id,
        phone,
        contacted_at,
        {{ local_day('contacted_at', 'timezone') }} as contact_on,
        channel,
        contact_result,
        {{ is_contact }} as is_contact,
        source_question,
        source_answer,
        problem,
        _file_id,
        _row_number
    from {{ relation }}
{%- endmacro %}
