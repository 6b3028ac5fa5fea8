-- Grain: one row per audience + person of voters, coded narrow, for counting: exactly the rows that voters computes anew.
--
-- Everything is counted from rows that the audience sees, at the windows that it is shown: the exact day of a blurred answer would
-- show in how many contacts came after it.
{% set offices = ['president', 'us_senate', 'us_house', 'governor', 'state_senate', 'state_house', 'county', 'municipal'] %}

with

voters as (
    select * from {{ ref('voters') }}
),

visible_contacts as (
    select
        audience_id,
        voter_id,
        is_own,
        channels,
        contact_on,
        min(answered_until) over (partition by audience_id, voter_id) as first_answered_until
    from {{ ref('visible_contacts') }}
),

ballots as (
    select * from {{ ref('current_ballots') }}
    where ballot_status in ('returned', 'accepted', 'voted_in_person')
),

contacted as (
    select
        visible_contacts.audience_id,
        visible_contacts.voter_id,
        bit_or(visible_contacts.channels) filter (where visible_contacts.is_own) as channels_us,
        bit_or(visible_contacts.channels) filter (where not visible_contacts.is_own) as channels_others,
        count(*) filter (
            where visible_contacts.is_own and visible_contacts.contact_on > visible_contacts.first_answered_until
        ) as contacts_us_after_answer,
        count(*) filter (
            where
            visible_contacts.is_own
            and visible_contacts.contact_on > ballots.status_on
            and visible_contacts.contact_on <= ballots.election_on
        ) as contacts_us_after_vote
    from visible_contacts
    left join ballots on visible_contacts.voter_id = ballots.voter_id
    group by visible_contacts.audience_id, visible_contacts.voter_id
),

explorer as (
    select
        voters.audience_id,
        voters.voter_id,
        -- what every count reads comes first: Postgres reads a row from its beginning
        (
            coalesce(voters.vote_by_mail_comfort, 0)::bigint
            | (coalesce(voters.postal_service_trust, 0)::bigint << 4)
            | (coalesce(voters.turnout_intent, 0)::bigint << 8)
            | (coalesce(voters.vote_method_plan, 0)::bigint << 12)
            | (
                case
                    when voters.ballot_status is null then 0
                    when voters.ballot_status = 'requested' then 1
                    when voters.ballot_status = 'sent' then 2
                    when voters.ballot_status = 'returned' then 3
                    when voters.ballot_status = 'accepted' then 4
                    when voters.ballot_status = 'rejected' then 5
                    when voters.ballot_status = 'voted_in_person' then 6
                    else 7
                end::bigint << 16
            )
            | (coalesce(contacted.channels_us <> 0, false)::int::bigint << 19)
            | (coalesce(contacted.channels_others <> 0, false)::int::bigint << 20)
            | ((coalesce(contacted.channels_us, 0) | coalesce(contacted.channels_others, 0))::bigint << 21)
            -- years from 1850 to 2104, days from 2000 to the autumn of 2044; before or after: the first or the last
            | (
                case
                    when voters.birth_year is null then 0
                    else least(greatest(voters.birth_year - 1849, 1), 255)
                end::bigint << 29
            )
            | (
                case
                    when coalesce(voters.last_contact_us_on, voters.last_contact_others_until) is null then 0
                    else
                        least(
                            greatest(
                                voters.last_contact_us_on - date '1999-12-31',
                                voters.last_contact_others_until - date '1999-12-31',
                                1
                            ),
                            16383
                        )
                end::bigint << 37
            )
        ) as codes,
        -- not in codes: a rollback, and a hold, change it in rows that are published
        voters.is_suppressed,
        voters.party,
        {% for office in offices %}
            voters.support_{{ office }},
            voters.support_{{ office }}_candidate,
        {% endfor %}
        voters.vote_by_mail_comfort,
        voters.postal_service_trust,
        voters.turnout_intent,
        voters.vote_method_plan,
        voters.birth_year,
        voters.ballot_status,
        coalesce(contacted.channels_us, 0)::smallint as channels_us,
        coalesce(contacted.channels_others, 0)::smallint as channels_others,
        voters.last_contact_us_on,
        voters.last_contact_others_until,
        least(coalesce(contacted.contacts_us_after_answer, 0), 32767)::smallint as contacts_us_after_answer,
        least(coalesce(contacted.contacts_us_after_vote, 0), 32767)::smallint as contacts_us_after_vote,
        voters.person_id,
        voters.state,
        voters.county_fips,
        -- the part of the OCD id after its last colon
        split_part(voters.congressional_district, ':', -1) as congressional_no,
        split_part(voters.state_senate_district, ':', -1) as state_senate_no,
        split_part(voters.state_house_district, ':', -1) as state_house_no,
        -- whoever may not read names reads null here too
        nullif(upper(concat_ws(' ', voters.last_name, voters.first_name, voters.middle_name, voters.suffix)), '') as name_key
    from voters
    left join contacted
        on
            voters.audience_id = contacted.audience_id
            and voters.voter_id = contacted.voter_id
)

select * from explorer
