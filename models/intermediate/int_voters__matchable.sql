-- Grain: one row per voter on the file now who may be found by name, birth date, address, phone or e-mail: registered and
-- not protected. As delivered; matching standardises both sides with the same code.
{{ config(
    materialized='incremental',
    unique_key=['voter_id'],
    meta={
        'keys': [],
        'touched_by': {
            'int_voter_keys': none,
            'int_voter_phones__dead': none,
            'int_voters__latest': none,
        },
        'tells': ['voter_id'],
    },
) }}
with

voters as (
    select * from {{ ref('int_voters__latest') }}
    where not is_protected
),

voter_keys as (
    select * from {{ ref('int_voter_keys') }}
),

dead_phones as (
    select distinct
        voter_id,
        phone
    from {{ ref('int_voter_phones__dead') }}
),

matchable as (
    select
        voter_keys.voter_id,
        voters.state,
        {% for column in ['first_name', 'middle_name', 'last_name', 'suffix'] %}
            {{ clean_text('voters.' ~ column) }} as {{ column }},
        {% endfor %}
        coalesce(voters.birth_on::text, voters.birth_year::text) as birth_date,
        {% for column in ['address', 'city', 'zip'] %}
            {{ clean_text('voters.' ~ column) }} as {{ column }},
        {% endfor %}
        -- somebody else answers there
        case when dead_phones.phone is null then {{ clean_text('voters.phone') }} end as phones,
        lower({{ clean_text('voters.email') }}) as emails
    from voters
    inner join voter_keys
        on
            voters.state = voter_keys.state
            and voters.state_voter_id = voter_keys.state_voter_id
    left join dead_phones
        on
            voter_keys.voter_id = dead_phones.voter_id
            and voters.phone = dead_phones.phone
)

select * from matchable
where {{ touched() }}
