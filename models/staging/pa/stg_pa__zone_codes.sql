-- Grain: one row per delivered line of a county's Zone Codes: one code of one district slot.
{{ config(
    unique_key=['_file_id', '_row_number'],
    meta={'keys': [], 'touched_by': {'stg_files': none}, 'tells': ['county']},
) }}
with

lines as (
    {{ delivered_lines('pa', 'pa_zone_codes') }}
),

zones as (
    select
        feed_id,
        partner_id,
        file_format,
        coalesce(
            'PA|' || upper({{ clean_text('county') }}) || '|' || {{ clean_text('zone_number') }} || '|' || {{ clean_text('zone_code') }},
            {{ line_key() }}
        ) as source_record_key,
        upper({{ clean_text('county') }}) as county,
        substring(zone_number from '^\s*(\d{1,2})\s*$')::smallint as zone_number,
        {{ clean_text('zone_code') }} as zone_code,
        {{ clean_text('zone_description') }} as zone_description,
        -- a county's newest file says what its slots hold now
        _file_id = max(_file_id) over (partition by upper({{ clean_text('county') }})) as is_newest,
        case
            when {{ clean_text('county') }} is null then 'county is empty'
            when coalesce(zone_number, '') !~ '^\s*0?([1-9]|[1-3]\d|40)\s*$'
                then {{ problem('zone_number', 'zone_number', 'a slot of 1 to 40') }}
        end as problem,
        _file_id,
        _row_number
    from lines
)

select * from zones
where {{ touched() }}
