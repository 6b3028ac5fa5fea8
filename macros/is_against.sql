{#
    Whether a suppression is against a contact by this channel. A wrong number is against a number, not against the person. An
    opt-out from one channel that names a number was told by text; without one, to somebody at the door.
#}
{% macro is_against(suppression, channel) -%}
    case
        when {{ suppression }}.scope in ('all', 'caller') then true
        when {{ suppression }}.kind = 'wrong_number' then false
        else {{ channel }} = case {{ suppression }}.kind
            when 'do_not_call' then 'phone'
            when 'do_not_text' then 'text'
            when 'do_not_walk' then 'door'
            when 'do_not_mail' then 'mail'
            when 'do_not_email' then 'email'
            when 'opted_out' then case when coalesce({{ suppression }}.phone, '') <> '' then 'text' else 'door' end
        end
    end
{%- endmacro %}
