-- Grain: one row per voter + phone: somebody reported that the number does not reach this voter. Only identities whose id
-- leads to the voter speak here: what the model matched by this very number must not judge it.
{{ config(
    materialized='incremental',
    unique_key=['voter_id', 'phone'],
    meta={'keys': [], 'touched_by': {'int_contact_lines__identified': none, 'int_identities': none}, 'tells': ['voter_id']},
) }}
with

lines as (
    select * from {{ ref('int_contact_lines__identified') }}
    where contact_result = 'wrong_number' and problem is null and phone is not null
),

identities as (
    select * from {{ ref('int_identities') }}
    where id_voter_id is not null
),

dead_phones as (
    select distinct
        identities.id_voter_id as voter_id,
        lines.phone
    from lines
    inner join identities
        on
            lines.feed_id = identities.feed_id
            and lines.identity_key = identities.identity_key
)

select * from dead_phones
where {{ touched() }}
