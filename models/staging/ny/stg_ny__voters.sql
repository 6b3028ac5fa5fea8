-- Grain: one row per delivered line of AllNYSVoters: one registration, also a purged one.
with

lines as (
    {{ delivered_lines('ny', 'ny_voters') }}
),

{{ voter_vocabulary('ny_voters') }},

-- materialized: parsed once per line, not once per mention
cleaned as materialized (
    select
        feed_id,
        partner_id,
        file_format,
        upper({{ clean_text('sboeid') }}) as state_voter_id,
        {{ clean_text('firstname') }} as first_name,
        {{ clean_text('middlename') }} as middle_name,
        {{ clean_text('lastname') }} as last_name,
        {{ clean_text('namesuffix') }} as suffix,
        staging.to_day(regexp_replace(dob, '^\s*(\d{4})(\d{2})(\d{2})\s*$', '\1-\2-\3')) as birth_on,
        null::smallint as birth_year,
        nullif({{ clean_text('dob') }}, '0') as birth_date_raw,
        {{ clean_text('gender') }} as sex,
        -- OTH: the voter wrote a party that has no code of its own
        coalesce(case when upper(btrim(enrollment)) = 'OTH' then {{ clean_text('otherparty') }} end, {{ clean_text('enrollment') }})
            as party,
        {{ code_of('status') }} as status_code,
        {{ joined_text(['raddnumber', 'rhalfcode', 'rpredirection', 'rstreetname', 'rpostdirection', apartment('rapartment')]) }}
            as address,
        {{ clean_text('rcity') }} as city,
        {{ zip_code('rzip5', 'rzip4') }} as zip,
        {{ code_of('countycode') }} as county_code,
        -- an election district is unique within assembly district, town and ward only
        {{ clean_text('ed') }} as precinct,
        {{ clean_text('cd') }} as cd,
        {{ clean_text('sd') }} as sldu,
        {{ clean_text('ad') }} as sldl,
        null::text as phone,
        null::text as email,
        false as is_protected,
        {{ slice_of('countycode') }} as slice,
        {{ clean_text('towncity') }} as municipality,
        null::text as _problem,
        _file_id,
        _row_number
    from lines
),

voters as (
    {{ voter_lines('cleaned', 'NY') }}
)

select * from voters
