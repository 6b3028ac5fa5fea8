-- Grain: one row per audience + touched person in its states: who they are, what they last said, and who reaches them. Of a person who is
-- the same and whose contacts or answers changed, only for audiences that see some of these, or did at the last publication.
{% set offices = ['president', 'us_senate', 'us_house', 'governor', 'state_senate', 'state_house', 'county', 'municipal'] %}
{% set person_questions = ['vote_by_mail_comfort', 'postal_service_trust', 'turnout_intent', 'vote_method_plan'] %}

with

audiences as (
    select distinct
        audience_id,
        naming_no,
        is_fresh,
        states,
        voter_fields
    from {{ ref('audiences') }}
),

scope as (
    select * from {{ ref('touched_voters') }}
),

dim_voters as (
    select * from {{ ref('dim_voters') }}
    where voter_id in (select scope.voter_id from scope)
),

persons as (
    select * from {{ ref('persons') }}
),

answers as (
    select * from {{ ref('person_answers') }}
),

visible_contacts as (
    select * from {{ ref('visible_contacts') }}
),

suppressions as (
    select distinct
        audience_id,
        voter_id
    from {{ ref('suppressions_shown') }}
    -- a wrong number is one edge of person and phone: the person may be contacted
    where kind <> 'wrong_number'
),

ballots as (
    select * from {{ ref('current_ballots') }}
),

reached as (
    select
        audience_id,
        voter_id,
        (count(*) filter (where is_own))::int as contacts_us,
        (count(*) filter (where not is_own))::int as contacts_others,
        max(contact_on) filter (where is_own) as last_contact_us_on,
        max(shown_until) filter (where not is_own) as last_contact_others_until
    from visible_contacts
    group by audience_id, voter_id
),

shown_persons as (
    select
        audiences.audience_id,
        scope.voter_id
    from scope
    inner join audiences on scope.is_person_touched or audiences.is_fresh
    union
    select
        audience_id,
        voter_id
    from reached
    union
    select
        audience_id,
        voter_id
    from {{ published_reach() }} as published
    where voter_id in (select scope.voter_id from scope where scope.is_touched)
),

voters as (
    select
        shown_persons.audience_id,
        shown_persons.voter_id,
        persons.person_id,
        dim_voters.state,
        dim_voters.county_fips,
        dim_voters.congressional_district,
        dim_voters.state_senate_district,
        dim_voters.state_house_district,
        dim_voters.birth_year,
        dim_voters.party,
        dim_voters.registration_status,
        {% for column in ['first_name', 'middle_name', 'last_name', 'suffix'] %}
            case when audiences.voter_fields in ('names', 'contact') then dim_voters.{{ column }} end as {{ column }},
        {% endfor %}
        {% for column in ['address', 'city', 'zip', 'phone'] %}
            case when audiences.voter_fields = 'contact' then dim_voters.{{ column }} end as {{ column }},
        {% endfor %}
        {% for office in offices %}
            answers.support_{{ office }},
            answers.support_{{ office }}_candidate,
        {% endfor %}
        {% for question in person_questions %}
            answers.{{ question }},
        {% endfor %}
        case
            when reached.contacts_us > 0 and reached.contacts_others > 0 then 'both'
            when reached.contacts_us > 0 then 'us'
            when reached.contacts_others > 0 then 'others'
            else 'nobody'
        end as reach,
        reached.last_contact_us_on,
        reached.last_contact_others_until,
        coalesce(reached.contacts_us, 0) as contacts_us,
        coalesce(reached.contacts_others, 0) as contacts_others,
        suppressions.voter_id is not null as is_suppressed,
        ballots.ballot_status
    from shown_persons
    inner join audiences on shown_persons.audience_id = audiences.audience_id
    inner join persons
        on
            audiences.naming_no = persons.naming_no
            and shown_persons.voter_id = persons.voter_id
    inner join dim_voters on shown_persons.voter_id = dim_voters.voter_id
    left join answers
        on
            shown_persons.audience_id = answers.audience_id
            and shown_persons.voter_id = answers.voter_id
    left join reached
        on
            shown_persons.audience_id = reached.audience_id
            and shown_persons.voter_id = reached.voter_id
    left join suppressions
        on
            shown_persons.audience_id = suppressions.audience_id
            and shown_persons.voter_id = suppressions.voter_id
    left join ballots on shown_persons.voter_id = ballots.voter_id
    where audiences.states = '*' or dim_voters.state = any(string_to_array(audiences.states, ' '))
)

select * from voters
