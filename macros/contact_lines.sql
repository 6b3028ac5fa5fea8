{#
    The columns every staging model of contacts ends with, so that int_contact_lines__delivered can union them.

    relation: the CTE to read. The other arguments are SQL: whose conversation keys these are (contact_source), the key of the
    event, of the delivered line if it tells several events (row_key), of the conversation, and of the person.
    id_is_key: the person_key is the tool's own one and may be empty; then the line's id is the key. The two kinds are told apart
    (person_key_is_id): the same digits of the other kind may be another person.
    is_contact: false where the tool only has the person on a list. is_dated_by_delivery: the export carries no time; contacted_at is
    that of this delivery, and int_contact_lines__delivered takes the first one's. person: which of the person columns the relation has (the
    others are null); row_state: its column with the person's state, if any.
#}
{% macro contact_lines(
    relation, contact_source, record_key, contact_key, person_key, row_key=none, is_contact='true', person=[], row_state=none,
    id_is_key=false, is_dated_by_delivery='false'
) -%}
    {%- set known_key = 'coalesce(' ~ person_key ~ ', external_id)' if id_is_key else person_key %}
    select
        feed_id,
        partner_id,
        file_format,
        {{ contact_source }} as contact_source,
        {{ record_key }} as source_record_key,
        {{ row_key or record_key }} as source_row_key,
        {{ contact_key }} as source_contact_key,
        {{ 'coalesce(' ~ known_key ~ ', ' ~ content_key(person, row_state) ~ ')' if person else known_key }} as source_person_key,
        {{ person_key ~ ' is null and external_id is not null' if id_is_key else 'false' }} as person_key_is_id,
        person_namespace,
        person_scope,
        external_id,
        {{ person_state(row_state) }} as state,
        {% for column in person_columns() -%}
            {{ column if column in person else 'null::text as ' ~ column }},
        {% endfor -%}
        contacted_at,
        {{ local_day('contacted_at', 'timezone') }} as contact_on,
        {{ is_dated_by_delivery }} as is_dated_by_delivery,
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

{# What a line may say about its person, besides ids: text as delivered; phone and email in one notation. #}
{% macro person_columns() -%}
    {{ return(['first_name', 'middle_name', 'last_name', 'suffix', 'birth_date', 'address', 'city', 'zip', 'phone', 'email']) }}
{%- endmacro %}

{# The person's state: what the line says if it is one ('N.C.' is not), else the feed's. #}
{% macro person_state(row_state=none) -%}
    {%- if row_state -%}
        case
            when upper(btrim({{ row_state }})) in (select us_states.state from {{ ref('us_states') }} as us_states)
                then upper(btrim({{ row_state }}))
            else upper(feed_state)
        end
    {%- else -%}
        upper(feed_state)
    {%- endif -%}
{%- endmacro %}

{#
    The key of a person who has none: everything the line says about them, so that the same text is one identity per feed.
    Null if it says nothing. Columns that a format lacks hold their place: one more column later keeps the other keys.
#}
{% macro content_key(person, row_state) -%}
    {%- set known = [] -%}
    {%- for column in person_columns() -%}
        {%- do known.append(column if column in person else "''") -%}
    {%- endfor -%}
    case
            when coalesce({{ person | join(', ') }}) is not null
                then 'content:' || md5(concat({{ known | join(', chr(31), ') }}, chr(31), {{ person_state(row_state) }}))
        end
{%- endmacro %}
