-- Grain: one row per voter of whom some partner's view may have to say something else than the last publication did: what the models
-- after this one compute, and publishing compares. After a change of rules, for the audiences it made, every voter.
-- The words that views show: {{ ref('answers') }}, {{ ref('channels') }}, {{ ref('contact_results') }}, {{ ref('id_namespaces') }}
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

responses as (
    select * from {{ ref('fct_voter_responses') }}
),

contacts as (
    select * from {{ ref('fct_contacts') }}
),

rule_parties as (
    select * from {{ ref('rule_parties') }}
),

audiences as (
    select * from {{ ref('audiences') }}
),

days as (
    select
        today,
        {{ published_on() }} as published_on
    from {{ ref('today') }}
),

-- the contact dates whose embargo ended since the last publication; also if time went back
embargoes as (
    select distinct
        least(days.published_on, days.today) - least(rule_parties.embargo_days, 36500) as after_on,
        greatest(days.published_on, days.today) - least(rule_parties.embargo_days, 36500) as until_on
    from rule_parties
    cross join days
    where days.published_on <> days.today
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

-- answers whose contest is another one now, or of another office
retold as (
    select responses.voter_id
    from responses
    where responses.topic_id in (select changes.topic_id from {{ unpublished(ref('dim_topics')) }} as changes)
),

found as (
    {% for model in [ref('fct_voter_responses'), ref('fct_contacts')] %}
        select
            changes.voter_id,
            false as is_person
        from {{ unpublished(model) }} as changes
        union all
    {% endfor %}
    -- who the person is, and whether anybody may be in touch with it: every audience reads that
    {% for model in [ref('dim_voters'), ref('person_ids'), ref('suppressions'), ref('current_ballots')] %}
        select
            changes.voter_id,
            true as is_person
        from {{ unpublished(model) }} as changes
        union all
    {% endfor %}
    select
        voter_id,
        false as is_person
    from embargoed
    union all
    select
        voter_id,
        false as is_person
    from retold
    union all
    select
        voter_id,
        true as is_person
    from voters
    where {{ nothing_is_published() }}
),

touched as (
    select
        voter_id,
        bool_or(is_person) as is_person_touched
    from found
    where voter_id is not null
    group by voter_id
),

newcomers as (
    select voter_id
    from voters
    where exists (select audiences.audience_id from audiences where audiences.is_fresh)
),

scope as (
    select
        coalesce(touched.voter_id, newcomers.voter_id) as voter_id,
        touched.voter_id is not null as is_touched,
        coalesce(touched.is_person_touched, false) as is_person_touched
    from touched
    full outer join newcomers on touched.voter_id = newcomers.voter_id
)

select * from scope
