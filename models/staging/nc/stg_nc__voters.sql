-- Grain: one row per delivered line of ncvoter: one registration, also a removed or denied one.
with

lines as (
    {{ delivered_lines('nc', 'nc_voters') }}
),

{{ voter_vocabulary('nc_voters') }},

-- materialized: parsed once per line, not once per mention
cleaned as materialized (
    select
        feed_id,
        partner_id,
        file_format,
        upper({{ clean_text('ncid') }}) as state_voter_id,
        {{ clean_text('first_name') }} as first_name,
        {{ clean_text('middle_name') }} as middle_name,
        {{ clean_text('last_name') }} as last_name,
        {{ clean_text('name_suffix_lbl') }} as suffix,
        -- the file gives the year only; an age says too little to make a year of
        null::date as birth_on,
        substring(birth_year from '^\s*(\d{4})\s*$')::smallint as birth_year,
        null::text as birth_date_raw,
        {{ clean_text('gender_code') }} as sex,
        {{ clean_text('party_cd') }} as party,
        {{ code_of('status_cd') }} as status_code,
        {{ joined_text(['res_street_address']) }} as address,
        {{ clean_text('res_city_desc') }} as city,
        {{ zip_code('zip_code') }} as zip,
        {{ code_of('county_id') }} as county_code,
        {{ clean_text('precinct_abbrv') }} as precinct,
        {{ clean_text('cong_dist_abbrv') }} as cd,
        {{ clean_text('nc_senate_abbrv') }} as sldu,
        {{ clean_text('nc_house_abbrv') }} as sldl,
        {{ clean_phone('full_phone_number') }} as phone,
        null::text as email,
        {{ yes_or_no('confidential_ind') }} as is_protected,
        {{ slice_of('county_id') }} as slice,
        {{ clean_text('municipality_desc') }} as municipality,
        case
            when birth_year ~ '\S' and birth_year !~ '^\s*\d{4}\s*$' then {{ problem('birth_year', 'birth_year', 'a year') }}
        end as _problem,
        _file_id,
        _row_number
    from lines
),

voters as (
    {{ voter_lines('cleaned', 'NC') }}
)

select * from voters
