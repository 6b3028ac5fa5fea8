{#
    What became of a delivered row: a later delivery of the same record replaced it, a later snapshot left it out, or it
    is live. Expects `delivery_rank` (1 is the newest); `newest_file_id` is null for delta feeds.
#}
{% macro delivery_status(file_id='_file_id', newest_file_id='newest_file_id') -%}
    case
        when delivery_rank > 1 then 'superseded'
        when {{ file_id }} <> {{ newest_file_id }} then 'retracted'
        else 'live'
    end
{%- endmacro %}
