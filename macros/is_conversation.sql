{#
    Whether a contact was a conversation: the person answered a question, or the result says that one took place. Who refused to
    talk, asked to be called again, spoke another language or opted out was reached and not talked with.
#}
{% macro is_conversation(contact_result, response_count) -%}
    ({{ response_count }} > 0 or coalesce({{ contact_result }} = 'canvassed', false))
{%- endmacro %}
