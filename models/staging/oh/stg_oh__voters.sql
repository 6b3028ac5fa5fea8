-- Grain: one row per delivered line of Ohio's voter file.
with

lines as (
    {{ delivered_lines('oh', 'oh_voters') }}
),

{{ voter_vocabulary('oh_voters') }},

-- materialized: parsed once per line, not once per mention
cleaned as materialized (
    select
        feed_id,
        partner_id,
        file_format,
        upper({{ clean_text('sos_voterid') }}) as state_voter_id,
        {{ clean_text('first_name') }} as first_name,
        {{ clean_text('middle_name') }} as middle_name,
        {{ clean_text('last_name') }} as last_name,
        {{ clean_text('suffix') }} as suffix,
        staging.to_day(date_of_birth) as birth_on,
        null::smallint as birth_year,
        {{ clean_text('date_of_birth') }} as birth_date_raw,
        -- the file has no sex, phone or e-mail
        null::text as sex,
        {{ clean_text('party_affiliation') }} as party,
        {{ code_of('voter_status') }} as status_code,
        {{ joined_text(['residential_address1', 'residential_secondary_addr']) }} as address,
        {{ clean_text('residential_city') }} as city,
        {{ zip_code('residential_zip', 'residential_zip_plus4') }} as zip,
        {{ code_of('county_number') }} as county_code,
        {{ clean_text('precinct_code') }} as precinct,
        {{ clean_text('congressional_district') }} as cd,
        {{ clean_text('state_senate_district') }} as sldu,
        {{ clean_text('state_representative_district') }} as sldl,
        null::text as phone,
        null::text as email,
        false as is_protected,
        {{ slice_of('county_number') }} as slice,
        -- WARREN CITY is the city of Warren
        regexp_replace(coalesce({{ clean_text('city') }}, {{ clean_text('village') }}), '\s+(CITY|VILLAGE)$', '', 'i') as municipality,
        null::text as _problem,
        _file_id,
        _row_number
    from lines
),

voters as (
    {{ voter_lines('cleaned', 'OH') }}
)

select * from voters
