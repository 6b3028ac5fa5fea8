{#
    The public id of a contact. Keyed with this exchange's secret (id_key): without the key, a recipient could hash every
    partner's feed and record ids and so unmask a blind contributor. Expects a relation `id_key` in scope.
#}
{% macro contact_id(contact_source, contact_key, state, state_voter_id) -%}
    left(
        encode(
            sha256(
                convert_to(
                    concat_ws(chr(31), id_key.id_key, {{ contact_source }}, {{ contact_key }}, {{ state }}, {{ state_voter_id }}),
                    'UTF8'
                )
            ),
            'hex'
        ),
        32
    )::uuid
{%- endmacro %}
