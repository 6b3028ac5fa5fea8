-- Grain: one row per feed + identity_key: one person as one feed knows them, merged over all its live lines.
{{ config(
    materialized='incremental',
    unique_key=['feed_id', 'identity_key'],
    indexes=[
        {'columns': ['feed_id', 'identity_key'], 'unique': true},
        {'columns': ['feed_id', 'source_person_key']},
        {'columns': ['external_id']},
    ],
    meta={
        'keys': ['feed_id', 'identity_key'],
        'touched_by': {
            'int_contact_lines__identified': ['feed_id', 'identity_key'],
            'int_contact_lines': ['feed_id', 'source_person_key'],
            'int_person_ids__checked': {'person_namespace': 'namespace', 'person_scope': 'scope', 'external_id': 'external_id'},
        },
        'tells': ['feed_id', 'identity_key'],
    },
) }}

with

identified as (
    select
        feed_id,
        identity_key,
        source_record_key,
        problem,
        _file_id,
        _row_number
    from {{ ref('int_contact_lines__identified') }}
    where identity_key is not null and {{ touched('feed_id, identity_key') }}
),

told as (
    select * from {{ ref('int_contact_lines') }}
),

-- not materialized: read several times, too wide to be written to a temporary file each refresh
lines as not materialized (
    select
        told.*,
        identified.identity_key
    from identified
    inner join told
        on
            identified._file_id = told._file_id
            and identified._row_number = told._row_number
            and identified.source_record_key = told.source_record_key
),

person_ids as (
    select * from {{ ref('int_person_ids__checked') }}
),

-- The number reaches somebody else: it tells nothing about this person any more, unless nothing else does (below). Not so a
-- disconnected one: it was this person's, and agrees with a voter file that is as old.
dead_phones as (
    select distinct
        feed_id,
        identity_key,
        phone
    from lines
    where contact_result = 'wrong_number' and problem is null and phone is not null
),

merged as (
    select
        lines.feed_id,
        lines.identity_key,
        min(lines.source_person_key) as source_person_key,
        {{ newest_told('first_name', first=useless_name('first_name')) }} as first_name,
        {{ newest_told('middle_name', first=useless_name('middle_name')) }} as middle_name,
        {{ newest_told('last_name', first=useless_name('last_name')) }} as last_name,
        {{ newest_told('suffix') }} as suffix,
        -- a birth date does not change: a whole one beats a year alone, both beat '0000-00-00', then the newest
        {{ newest_told('birth_date', first=birth_date_rank('lines.birth_date')) }} as birth_date,
        {{ newest_told('state') }} as state,
        -- one place, from one line: a street of one town with the ZIP of another is nowhere
        array_agg(
            array[lines.address, lines.city, lines.zip, lines.state]
            order by lines.address is null, lines.zip is null, {{ newest_line() }}
        ) filter (where coalesce(lines.address, lines.zip, lines.city) is not null) as places,
        array_agg(
            array[lines.person_namespace, coalesce(lines.person_scope, ''), lines.external_id] order by {{ newest_line() }}
        ) filter (where lines.external_id is not null) as ids,
        {{ all_told('phone') }} filter (where dead_phones.phone is null) as living_phones,
        {{ all_told('phone') }} as all_phones,
        {{ all_told('email') }} as emails
    from lines
    left join dead_phones
        on
            lines.feed_id = dead_phones.feed_id
            and lines.identity_key = dead_phones.identity_key
            and lines.phone = dead_phones.phone
    group by lines.feed_id, lines.identity_key
),

identities as (
    select
        merged.feed_id,
        merged.identity_key,
        merged.source_person_key,
        coalesce(merged.places[1][4], merged.state) as state,
        merged.first_name,
        merged.middle_name,
        merged.last_name,
        merged.suffix,
        merged.birth_date,
        merged.places[1][1] as address,
        merged.places[1][2] as city,
        merged.places[1][3] as zip,
        -- nothing else could find the voter of whom this number is wrong: without it the report would reach nobody
        case
            when
                coalesce(person_ids.voter_id::text, merged.living_phones, merged.emails, merged.places[1][1]) is not null
                or {{ birth_date_rank('merged.birth_date') }} = 0
                then merged.living_phones
            else merged.all_phones
        end as phones,
        merged.emails,
        merged.ids[1][1] as person_namespace,
        merged.ids[1][2] as person_scope,
        merged.ids[1][3] as external_id,
        person_ids.voter_id as id_voter_id
    from merged
    left join person_ids
        on
            merged.ids[1][1] = person_ids.namespace
            and merged.ids[1][2] = person_ids.scope
            and merged.ids[1][3] = person_ids.external_id
)

select * from identities
