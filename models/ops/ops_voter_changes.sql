-- Grain: one row per voter file + voter to whom it brought news: new, changed, moved, removed, merged or returned.
with

versions as (
    select * from {{ ref('int_voter_versions') }}
),

voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

merged as (
    select * from {{ ref('int_voter_merges') }}
),

files as (
    select * from {{ source('intake', 'file') }}
),

compared as (
    select
        versions.*,
        lag(versions.is_on_file) over by_file as was_on_file,
        {% for column in [
            'address_digest', 'county_fips', 'congressional_district', 'state_senate_district', 'state_house_district',
        ] %}
            -- a district that the file begins to tell is news, but no move
            versions.{{ column }} <> lag(versions.{{ column }}) over by_file {{ 'or' if not loop.last }}
        {% endfor %} as has_moved
    from versions
    window by_file as (partition by versions.state, versions.state_voter_id order by versions._file_id)
),

changes as (
    select
        compared.feed_id,
        compared._file_id as file_id,
        files.received_at,
        voter_keys.voter_id,
        compared.state,
        compared.state_voter_id,
        case
            when merged.voter_id is not null then 'merged'
            when not compared.is_on_file then 'removed'
            when compared.was_on_file is null then 'new'
            when not compared.was_on_file then 'returned'
            when compared.has_moved then 'moved'
            else 'changed'
        end as kind,
        compared.left_as,
        merged.voter_id as merged_into_voter_id
    from compared
    inner join files on compared._file_id = files.file_id
    inner join voter_keys
        on
            compared.state = voter_keys.state
            and compared.state_voter_id = voter_keys.state_voter_id
    left join merged
        on
            voter_keys.voter_id = merged.merged_voter_id
            and compared._file_id = merged.left_file_id
)

select * from changes
