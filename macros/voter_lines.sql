{#
    The columns every staging model of a state's voter file ends with, so that int_voters__delivered can union them.

    relation: the CTE to read. It has, in the names of the columns below, what the file tells; instead of county_fips and
    registration_status the file's own codes (county_code, status_code); instead of OCD ids the numbers (cd, sldu, sldl);
    is_protected, null where the flag was not understood; slice; _problem: what is wrong besides what is judged here, or null.
    Reads the vocabulary in the CTEs counties and statuses: `{{ voter_vocabulary('nc_voters') }}`.
#}
{% macro voter_lines(relation, state) -%}
    select
        {{ relation }}.feed_id,
        {{ relation }}.partner_id,
        {{ relation }}.file_format,
        coalesce('{{ state }}|' || {{ relation }}.state_voter_id, concat('file ', _file_id, ' line ', _row_number)) as source_record_key,
        '{{ state }}' as state,
        {{ relation }}.state_voter_id,
        {{ relation }}.first_name,
        {{ relation }}.middle_name,
        {{ relation }}.last_name,
        {{ relation }}.suffix,
        {{ relation }}.birth_on,
        coalesce(extract(year from {{ relation }}.birth_on)::smallint, {{ relation }}.birth_year) as birth_year,
        {{ relation }}.sex,
        {{ relation }}.party,
        statuses.meaning as registration_status,
        {{ relation }}.address,
        {{ relation }}.city,
        {{ relation }}.zip,
        counties.county_fips,
        {{ relation }}.precinct,
        {% for column, kind in [('congressional_district', 'cd'), ('state_senate_district', 'sldu'), ('state_house_district', 'sldl')] %}
            case when {{ relation }}.{{ kind }} ~ '^\d{1,3}$' then {{ district_id(relation ~ '.' ~ kind, "'" ~ state ~ "'", kind) }} end
                as {{ column }},
        {% endfor %}
        {{ relation }}.phone,
        {{ relation }}.email,
        -- a status we do not know is quarantined; until then it must neither remove a voter nor hide one
        coalesce(statuses.meaning not in ('removed', 'denied'), true) as is_registered,
        coalesce({{ relation }}.is_protected, true) as is_protected,
        {{ relation }}.slice,
        {{ relation }}.municipality,
        case
            when {{ relation }}.state_voter_id is null then 'the state''s voter id is empty'
            when statuses.meaning is null
                then {{ problem('status', relation ~ '.status_code', 'a code of voter_file_codes.csv') }}
            when counties.county_fips is null
                then {{ problem('county', relation ~ '.county_code', 'a code of voter_file_counties.csv') }}
            when {{ relation }}.is_protected is null then 'the flag of protected records is neither Y nor N'
            when {{ relation }}.birth_date_raw is not null and {{ relation }}.birth_on is null
                then {{ problem('birth date', relation ~ '.birth_date_raw', 'a date') }}
            {% for kind, label in [('cd', 'congressional district'), ('sldu', 'state senate district'), ('sldl', 'state house district')] %}
                when {{ relation }}.{{ kind }} !~ '^\d{1,3}$'
                    then {{ problem(label, relation ~ '.' ~ kind, 'a number') }}
            {% endfor %}
            else {{ relation }}._problem
        end as problem,
        {{ relation }}._file_id,
        {{ relation }}._row_number
    from {{ relation }}
    left join counties on {{ relation }}.county_code = counties.county_code
    left join statuses on {{ relation }}.status_code = statuses.source_code
{%- endmacro %}

{# The CTEs counties and statuses of one format. #}
{% macro voter_vocabulary(file_format) -%}
counties as (
    select
        county_code,
        county_fips
    from {{ ref('voter_file_counties') }}
    where file_format = '{{ file_format }}'
),

statuses as (
    select
        source_code,
        meaning
    from {{ ref('voter_file_codes') }}
    where file_format = '{{ file_format }}' and code_kind = 'registration_status'
)
{%- endmacro %}
