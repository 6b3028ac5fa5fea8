-- Grain: one row per delivered line of a generic_voters file.
with

lines as (
    {{ delivered_lines('generic', 'generic_voters') }}
),

states as (
    select * from {{ ref('us_states') }}
),

-- materialized: parsed once per line, not once per mention
cleaned as materialized (
    select
        feed_id,
        partner_id,
        file_format,
        upper({{ clean_text('state') }}) as state,
        {{ clean_text('state_voter_id') }} as state_voter_id,
        {{ clean_text('first_name') }} as first_name,
        {{ clean_text('middle_name') }} as middle_name,
        {{ clean_text('last_name') }} as last_name,
        {{ clean_text('suffix') }} as suffix,
        birth_date as birth_date_raw,
        staging.to_birth_day(birth_date, (_received_at at time zone 'UTC')::date) as birth_on,
        -- some states give the year only
        coalesce(
            extract(year from staging.to_birth_day(birth_date, (_received_at at time zone 'UTC')::date)),
            substring(birth_date from '^\s*(\d{4})\s*$')::int
        )::smallint as birth_year,
        {{ clean_text('sex') }} as sex,
        {{ clean_text('party') }} as party,
        lower({{ clean_text('registration_status') }}) as registration_status,
        {{ clean_text('address') }} as address,
        {{ clean_text('city') }} as city,
        {{ clean_text('zip') }} as zip,
        {{ clean_text('county_fips') }} as county_fips,
        {{ clean_text('precinct') }} as precinct,
        {{ clean_text('congressional_district') }} as congressional_district_raw,
        {{ clean_text('state_senate_district') }} as state_senate_district_raw,
        {{ clean_text('state_house_district') }} as state_house_district_raw,
        {{ clean_phone('phone') }} as phone,
        lower({{ clean_text('email') }}) as email,
        _file_id,
        _row_number
    from lines
),

voters as (
    select
        cleaned.feed_id,
        cleaned.partner_id,
        cleaned.file_format,
        coalesce(cleaned.state || '|' || cleaned.state_voter_id, {{ line_key() }}) as source_record_key,
        cleaned.state,
        cleaned.state_voter_id,
        cleaned.first_name,
        cleaned.middle_name,
        cleaned.last_name,
        cleaned.suffix,
        cleaned.birth_on,
        cleaned.birth_year,
        cleaned.sex,
        cleaned.party,
        cleaned.registration_status,
        cleaned.address,
        cleaned.city,
        cleaned.zip,
        cleaned.county_fips,
        cleaned.precinct,
        {{ district_id('cleaned.congressional_district_raw', 'cleaned.state', 'cd') }} as congressional_district,
        {{ district_id('cleaned.state_senate_district_raw', 'cleaned.state', 'sldu') }} as state_senate_district,
        {{ district_id('cleaned.state_house_district_raw', 'cleaned.state', 'sldl') }} as state_house_district,
        cleaned.phone,
        cleaned.email,
        coalesce(cleaned.registration_status not in ('removed', 'denied', 'purged', 'cancelled', 'canceled'), true) as is_registered,
        -- the format has no column for what a state protects, and says nothing of parts or municipalities
        false as is_protected,
        null::text as slice,
        null::text as municipality,
        case
            when cleaned.state_voter_id is null then 'state_voter_id is empty'
            when states.state is null
                then {{ problem('state', 'cleaned.state', 'a two-letter state') }}
            when cleaned.birth_date_raw ~ '\S' and cleaned.birth_year is null
                then {{ problem('birth_date', 'cleaned.birth_date_raw', 'a date or a year') }}
        end as problem,
        cleaned._file_id,
        cleaned._row_number
    from cleaned
    left join states on cleaned.state = states.state
)

select * from voters
