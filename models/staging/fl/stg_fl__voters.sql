-- Grain: one row per delivered line of the Florida voter extract.
with

lines as (
    {{ delivered_lines('fl', 'fl_voters') }}
),

{{ voter_vocabulary('fl_voters') }},

-- materialized: parsed once per line, not once per mention
cleaned as materialized (
    select
        feed_id,
        partner_id,
        file_format,
        {{ clean_text('voter_id') }} as state_voter_id,
        {{ unmasked('name_first') }} as first_name,
        {{ unmasked('name_middle') }} as middle_name,
        {{ unmasked('name_last') }} as last_name,
        {{ unmasked('name_suffix') }} as suffix,
        staging.to_day(birth_date) as birth_on,
        null::smallint as birth_year,
        {{ unmasked('birth_date') }} as birth_date_raw,
        {{ unmasked('gender') }} as sex,
        {{ unmasked('party_affiliation') }} as party,
        {{ code_of('voter_status') }} as status_code,
        {{ joined_text(['residence_address_line_1', 'residence_address_line_2']) }} as address,
        {{ unmasked('residence_city') }} as city,
        {{ zip_code('residence_zipcode') }} as zip,
        {{ code_of('county_code') }} as county_code,
        {{ unmasked('precinct') }} as precinct,
        {{ unmasked('congressional_district') }} as cd,
        {{ unmasked('senate_district') }} as sldu,
        {{ unmasked('house_district') }} as sldl,
        {{ clean_phone('concat(daytime_area_code, daytime_phone_number)') }} as phone,
        lower({{ unmasked('email_address') }}) as email,
        {{ yes_or_no('public_records_exemption') }} as is_protected,
        {{ slice_of('county_code') }} as slice,
        null::text as municipality,
        null::text as _problem,
        _file_id,
        _row_number
    from lines
),

voters as (
    {{ voter_lines('cleaned', 'FL') }}
)

select * from voters
