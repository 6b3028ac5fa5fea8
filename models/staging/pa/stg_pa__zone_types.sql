-- Grain: one row per delivered line of a county's Zone Types: what one district slot holds.
{{ config(
    unique_key=['_file_id', '_row_number'],
    meta={'keys': [], 'touched_by': {'stg_files': none}, 'tells': ['county']},
) }}
with

lines as (
    {{ delivered_lines('pa', 'pa_zone_types') }}
),

zones as (
    select
        feed_id,
        partner_id,
        file_format,
        coalesce('PA|' || upper({{ clean_text('county') }}) || '|' || {{ clean_text('zone_number') }}, {{ line_key() }})
            as source_record_key,
        upper({{ clean_text('county') }}) as county,
        substring(zone_number from '^\s*(\d{1,2})\s*$')::smallint as zone_number,
        coalesce({{ clean_text('zone_long_name') }}, {{ clean_text('zone_short_name') }}) as zone_type,
        -- counties name the same thing differently; a slot of United States senators is none of ours
        case
            when coalesce({{ clean_text('zone_long_name') }}, zone_short_name) ~* 'congress|(\mu\.? ?s\.?|united states) *rep' then 'cd'
            when coalesce({{ clean_text('zone_long_name') }}, zone_short_name) ~* '\mu\.? ?s\.?\M|united states|federal' then null
            when coalesce({{ clean_text('zone_long_name') }}, zone_short_name) ~* '\msenat' then 'sldu'
            when coalesce({{ clean_text('zone_long_name') }}, zone_short_name) ~* '\mlegis|assembly|representative|state house' then 'sldl'
            when coalesce({{ clean_text('zone_long_name') }}, zone_short_name) ~* '^municipal(ity)?$' then 'municipality'
        end as zone_kind,
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
