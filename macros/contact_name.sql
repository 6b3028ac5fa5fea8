{#
    One part (first, middle, last, suffix) of a whole name in one column: "de la Cruz, Sofía L.", "Lee, Ann Jr." or
    "Ann L. de la Cruz Jr.". A single word is a last name: VAN has no person without one.
#}
{% macro contact_name(part, column) -%}
    {%- set suffix = "'[\s,]+(jr|sr|ii|iii|iv)\.?\s*$'" -%}
    {%- set bare = "regexp_replace(" ~ column ~ ", " ~ suffix ~ ", '', 'i')" -%}
    {%- set given = "split_part(" ~ bare ~ ", ',', 2)" -%}
    {%- set particles = "'(?i)\s((?:(?:de|del|della|der|den|di|da|dos|la|las|los|van|von|st\.?|san|al|el|bin)\s+)*\S+)\s*$'" -%}
    {%- if part == 'suffix' -%}
        substring({{ column }} from '(?i)[\s,]+((?:jr|sr|ii|iii|iv)\.?)\s*$')
    {%- elif part == 'last' -%}
        case
            when {{ bare }} like '%,%' then {{ clean_text("split_part(" ~ bare ~ ", ',', 1)") }}
            else coalesce(substring({{ bare }} from {{ particles }}), {{ clean_text(bare) }})
        end
    {%- elif part == 'first' -%}
        case
            when {{ bare }} like '%,%' then substring({{ given }} from '\S+')
            else substring({{ bare }} from '^\s*(\S+)\s+\S')
        end
    {%- elif part == 'middle' -%}
        case
            when {{ bare }} like '%,%' then {{ clean_text("substring(" ~ given ~ " from '\S+\s+(.*)$')") }}
            else
                {{ clean_text("regexp_replace(regexp_replace(" ~ bare ~ ", " ~ particles ~ ", ''), '^\s*\S+', '')") }}
        end
    {%- endif -%}
{%- endmacro %}
