{# What the staging models of the states' voter files share: one value of a line, made from one or more of its cells. #}

{# Cells as one line of text: trimmed, runs of blanks as one blank, null if nothing is there. A cell of asterisks is a secret. #}
{% macro joined_text(cells) -%}
    nullif(btrim(regexp_replace(concat_ws(' '{% for cell in cells %}, {{ unmasked(cell) }}{% endfor %}), '\s+', ' ', 'g')), '')
{%- endmacro %}

{# Trimmed text; null for the empty text, and for asterisks, which Florida writes over the values of protected records. #}
{% macro unmasked(column) -%}
    nullif(btrim(regexp_replace({{ column }}, '^[\s*]+$', '')), '')
{%- endmacro %}

{# Any code as the vocabulary has it: upper case, without the leading zeros of a number ('007' and '7' are one county). #}
{% macro code_of(column) -%}
    regexp_replace(upper(btrim({{ column }})), '^0+(?=\d)', '')
{%- endmacro %}

{# The part of its feed that a row speaks for. The intake writes the same into raw.file_slice (exchange/intake/gate_sizes.py). #}
{% macro slice_of(column) -%}
    coalesce(nullif(regexp_replace(upper(btrim({{ column }})), '^0+(?=.)', ''), ''), '?')
{%- endmacro %}

{# A ZIP of 5 or 9 digits as 27601 or 27601-1234; anything else as delivered. Leading zeros are part of it. #}
{% macro zip_code(zip, plus4='null::text') -%}
    case
        when {{ zip }} ~ '^\s*\d{9}\s*$' then regexp_replace(btrim({{ zip }}), '^(\d{5})', '\1-')
        when {{ zip }} ~ '^\s*\d{5}\s*$' then btrim({{ zip }}) || coalesce('-' || substring({{ plus4 }} from '^\s*(\d{4})\s*$'), '')
        else {{ unmasked(zip) }}
    end
{%- endmacro %}

{# An apartment as people write it: a bare number gets APT in front. #}
{% macro apartment(column) -%}
    case
        when {{ column }} ~* '^\s*(apt)?[.]?\s*$' then null
        when {{ column }} ~* '^\s*(apt|unit|ste|lot|rm|room|fl|floor|bldg|trlr|#)' then btrim({{ column }})
        else 'APT ' || btrim({{ column }})
    end
{%- endmacro %}

{# A yes-or-no cell: N and nothing are no. Null for anything else: the caller quarantines, and until then it counts as yes. #}
{% macro yes_or_no(column) -%}
    case upper(coalesce(btrim({{ column }}), '')) when 'Y' then true when 'N' then false when '' then false end
{%- endmacro %}
