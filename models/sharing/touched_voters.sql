-- Grain: one row per voter of whom some partner's view may have to say something else than the last publication did: what the models
-- after this one compute, and publishing compares. After a change of rules, for the audiences it made, every voter.
-- Seeds whose rows the views show, and what only an incremental build reads:
-- depends_on: {{ ref('answers') }}, {{ ref('channels') }}, {{ ref('contact_results') }}, {{ ref('id_namespaces') }}
-- depends_on: {{ ref('rule_parties') }}, {{ ref('audiences') }}, {{ ref('today') }}, {{ ref('dim_topics') }}
-- depends_on: {{ ref('fct_voter_responses') }}, {{ ref('fct_contacts') }}, {{ ref('person_ids') }}, {{ ref('suppressions') }}
-- depends_on: {{ ref('current_ballots') }}
{{ config(
    materialized='incremental',
    incremental_strategy='replaced',
    unique_key=['voter_id'],
    meta={
        'keys': ['voter_id'],
        'until_published': true,
        'reads_changes_of': ['dim_topics'],
        'touched_by': {
            'fct_voter_responses': ['voter_id'],
            'fct_contacts': ['voter_id'],
            'dim_voters': ['voter_id'],
            'person_ids': ['voter_id'],
            'suppressions': ['voter_id'],
            'current_ballots': ['voter_id'],
            'dim_topics': false,
            'rule_parties': false,
            'audiences': false,
            'today': false,
        },
    },
) }}

with

voters as (
    select voter_id from {{ ref('dim_voters') }}
),

{% if is_incremental() %}
rule_parties as (
    select * from {{ ref('rule_parties') }}
),

audiences as (
    select * from {{ ref('audiences') }}
),

today as (
    select * from {{ ref('today') }}
),

responses as (
    select * from {{ ref('fct_voter_responses') }}
),

contacts as (
    select * from {{ ref('fct_contacts') }}
),

-- the contact dates whose embargo ended since: later ones than were shown then, and not later than are shown now
embargoes as (
    select distinct
        least(days.published_on, days.today) - least(rule_parties.embargo_days, 36500) as after_on,
        greatest(days.published_on, days.today) - least(rule_parties.embargo_days, 36500) as until_on
    from rule_parties
    cross join (select today.today, {{ published_on() }} as published_on from today) as days
    where days.today <> days.published_on
),

embargoed as (
    select responses.voter_id
    from responses
    inner join embargoes on responses.contact_on > embargoes.after_on and responses.contact_on <= embargoes.until_on
    union
    select contacts.voter_id
    from contacts
    inner join embargoes on contacts.contact_on > embargoes.after_on and contacts.contact_on <= embargoes.until_on
),

-- another contest or office of the same answers
retold as (
    select responses.voter_id
    from responses
    where responses.topic_id in (select changes.topic_id from {{ unpublished('dim_topics') }} as changes)
),

-- who the person is, or whether anybody may be in touch with it: every audience reads that
persons as (
    {% for model in ['dim_voters', 'person_ids', 'suppressions', 'current_ballots'] %}
        select changes.voter_id from {{ unpublished(model) }} as changes
        {{ 'union' if not loop.last }}
    {% endfor %}
),

touched as (
    select
        voter_id,
        bool_or(is_person) as is_person_touched
    from (
        select
            voter_id,
            false as is_person
        from pg_temp.touched
        union all
        select
            voter_id,
            false
        from embargoed
        union all
        select
            voter_id,
            false
        from retold
        union all
        select
            voter_id,
            true
        from persons
    ) as found
    where voter_id is not null
    group by voter_id
),

scope as (
    select
        coalesce(touched.voter_id, fresh.voter_id) as voter_id,
        touched.voter_id is not null as is_touched,
        coalesce(touched.is_person_touched, false) as is_person_touched
    from touched
    full outer join (select voter_id from voters where exists (select from audiences where is_fresh)) as fresh
        on touched.voter_id = fresh.voter_id
)
{% else %}
scope as (
    select
        voter_id,
        true as is_touched,
        true as is_person_touched
    from voters
)
{% endif %}

select * from scope
