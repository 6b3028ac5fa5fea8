-- Grain: one row per delivered line of a county's FVE file: one voter.
{{ config(
    meta={
        'touched_by': {
            'stg_files': {'_file_id': 'file_id'},
            'stg_pa__district_slots': {'slice': 'county'},
            'stg_pa__zone_codes': {'slice': 'county'},
        },
    },
    indexes=[{'columns': ['_file_id', '_row_number'], 'unique': true}, {'columns': ['slice']}],
) }}
with

lines as (
    {{ delivered_lines('pa', 'pa_voters') }}
),

{{ voter_vocabulary('pa_voters') }},

slots as (
    select * from {{ ref('stg_pa__district_slots') }}
),

codes as (
    select * from {{ ref('stg_pa__zone_codes') }}
    where is_newest and problem is null
),

slotted as (
    select
        lines.*,
        slots.cd_slot,
        slots.sldu_slot,
        slots.sldl_slot,
        slots.municipality_slot,
        {{ clean_text(pa_slot('slots.cd_slot')) }} as cd_code,
        {{ clean_text(pa_slot('slots.sldu_slot')) }} as sldu_code,
        {{ clean_text(pa_slot('slots.sldl_slot')) }} as sldl_code,
        {{ clean_text(pa_slot('slots.municipality_slot')) }} as municipality_code,
        -- never by slot number alone: slots differ between counties
        case
            when slots.county is null then concat('the zone types of county ', upper(btrim(lines.county)), ' are not loaded')
            when slots.cd_slots <> 1 or slots.sldu_slots <> 1 or slots.sldl_slots <> 1
                then
                    concat(
                        'the zone types of county ', slots.county, ' name ', slots.cd_slots, ' congressional, ', slots.sldu_slots,
                        ' senatorial and ', slots.sldl_slots, ' legislative slots, expected one of each'
                    )
        end as slots_problem
    from lines
    left join slots on upper(btrim(lines.county)) = slots.county
),

-- materialized: parsed once per line, not once per mention
cleaned as materialized (
    select
        slotted.feed_id,
        slotted.partner_id,
        slotted.file_format,
        {{ clean_text('slotted.voter_id') }} as state_voter_id,
        {{ clean_text('slotted.first_name') }} as first_name,
        {{ clean_text('slotted.middle_name') }} as middle_name,
        {{ clean_text('slotted.last_name') }} as last_name,
        {{ clean_text('slotted.suffix') }} as suffix,
        staging.to_day(slotted.birth_date) as birth_on,
        null::smallint as birth_year,
        {{ clean_text('slotted.birth_date') }} as birth_date_raw,
        {{ clean_text('slotted.gender') }} as sex,
        {{ clean_text('slotted.party_code') }} as party,
        {{ code_of('slotted.voter_status') }} as status_code,
        {{ joined_text(['slotted.house_number', 'slotted.house_number_suffix', 'slotted.street_name',
            apartment('slotted.apartment_number'), 'slotted.address_line_2']) }} as address,
        {{ clean_text('slotted.city') }} as city,
        {{ zip_code('slotted.zip') }} as zip,
        upper({{ clean_text('slotted.county') }}) as county_code,
        {{ clean_text('slotted.precinct_code') }} as precinct,
        {% for kind in ['cd', 'sldu', 'sldl'] %}
            {{ pa_district_number('slotted.' ~ kind ~ '_code', kind ~ '_codes.zone_description') }} as {{ kind }},
        {% endfor %}
        {{ clean_phone('slotted.phone') }} as phone,
        null::text as email,
        false as is_protected,
        {{ slice_of('slotted.county') }} as slice,
        -- GETTYSBURG BOROUGH is the borough of Gettysburg; townships keep their word: one may share a borough's name
        regexp_replace(municipality_codes.zone_description, '\s+(BOROUGH|BORO|CITY)$', '', 'i') as municipality,
        slotted.slots_problem as _problem,
        slotted._file_id,
        slotted._row_number
    from slotted
    {% for kind in ['cd', 'sldu', 'sldl', 'municipality'] %}
        left join codes as {{ kind }}_codes
            on
                upper(btrim(slotted.county)) = {{ kind }}_codes.county
                and slotted.{{ kind }}_slot = {{ kind }}_codes.zone_number
                and slotted.{{ kind }}_code = {{ kind }}_codes.zone_code
    {% endfor %}
),

voters as (
    {{ voter_lines('cleaned', 'PA') }}
)

select * from voters
