-- Grain: one row per voter + file with which the voter's record became another: what the voter file said from this file
-- until before the next one (until_file_id null: still). A voter not on the file then has no attributes but the status.
{{ config(
    materialized='incremental',
    unique_key=['state', 'state_voter_id', '_file_id'],
    meta={
        'keys': [],
        'touched_by': {
            'int_voter_files': none,
            'int_voter_moments': none,
            'int_voters__delivered': none,
        },
        'compare': false,
    },
) }}
with

moments as (
    select * from {{ ref('int_voter_moments') }}
),

files as (
    select * from {{ ref('int_voter_files') }}
),

delivered as (
    select * from {{ ref('int_voters__delivered') }}
),

versions as (
    select
        moments.state,
        moments.state_voter_id,
        moments._file_id,
        lead(moments._file_id) over (
            partition by moments.state, moments.state_voter_id
            order by moments._file_id
        ) as until_file_id,
        moments.feed_id,
        files.next_file_id,
        moments.told = 'registered' as is_on_file,
        case when moments.told <> 'registered' then moments.told end as left_as,
        case when moments.told = 'absent' then 'removed' else delivered.registration_status end as registration_status,
        {% for column in [
            'first_name', 'middle_name', 'last_name', 'suffix', 'birth_on', 'party', 'county_fips', 'precinct',
            'municipality', 'city', 'congressional_district', 'state_senate_district', 'state_house_district',
        ] %}
            case when moments.told = 'registered' then delivered.{{ column }} end as {{ column }},
        {% endfor %}
        -- capitals, blanks and punctuation make no move
        case
            when moments.told = 'registered' and delivered.address is not null
                then
                    md5(
                        regexp_replace(upper(concat_ws(' ', delivered.address, delivered.city)), '[^[:alnum:]]+', ' ', 'g')
                        || coalesce(' ' || left(delivered.zip, 5), '')
                    )::uuid
        end as address_digest
    from moments
    inner join files
        on
            moments.feed_id = files.feed_id
            and moments.slice = files.slice
            and moments._file_id = files._file_id
    left join delivered
        on
            moments.line_file_id = delivered._file_id
            and moments.line_row_number = delivered._row_number
)

select * from versions
where {{ touched() }}
