-- What the dashboard counts is what voters says. Would have caught a person counted twice, and a channel of a contact that only a
-- hidden row tells, and an answer whose code needs more bits than it has in codes.
{{ config(group='sharing') }}
{% set columns = [
    'audience_id', 'voter_id', 'person_id', 'state', 'county_fips', 'birth_year', 'party', 'reach', 'last_contact_us_on',
    'last_contact_others_until', 'is_suppressed', 'ballot_status', 'vote_by_mail_comfort', 'postal_service_trust', 'turnout_intent',
    'vote_method_plan',
] %}
{% for office in ['president', 'us_senate', 'us_house', 'governor', 'state_senate', 'state_house', 'county', 'municipal'] %}
    {% do columns.extend(['support_' ~ office, 'support_' ~ office ~ '_candidate']) %}
{% endfor %}

with

voters as (
    select * from {{ ref('voters') }}
),

explorer as (
    select
        *,
        (array['nobody', 'us', 'others', 'both'])[1 + ((codes >> 19) & 3)] as reach,
        greatest(last_contact_us_on, last_contact_others_until) as last_contact_on
    from {{ ref('explorer') }}
)

select
    coalesce(voters.audience_id, explorer.audience_id) as audience_id,
    coalesce(voters.voter_id, explorer.voter_id) as voter_id
from voters
full outer join explorer
    on
        voters.audience_id = explorer.audience_id
        and voters.voter_id = explorer.voter_id
where
    (voters.{{ columns | join(', voters.') }}) is distinct from (explorer.{{ columns | join(', explorer.') }})
    or explorer.codes & 15 <> coalesce(voters.vote_by_mail_comfort, 0)
    or (explorer.codes >> 4) & 15 <> coalesce(voters.postal_service_trust, 0)
    or (explorer.codes >> 8) & 15 <> coalesce(voters.turnout_intent, 0)
    or (explorer.codes >> 12) & 15 <> coalesce(voters.vote_method_plan, 0)
    or (array['requested', 'sent', 'returned', 'accepted', 'rejected', 'voted_in_person'])[(explorer.codes >> 16) & 7]
    is distinct from voters.ballot_status
    or (explorer.codes >> 21) & 255 <> explorer.channels_us | explorer.channels_others
    or (explorer.codes >> 29) & 255
    <> case when voters.birth_year is null then 0 else least(greatest(voters.birth_year - 1849, 1), 255) end
    or explorer.codes >> 37
    <> case
        when explorer.last_contact_on is null then 0
        else least(greatest(explorer.last_contact_on - date '1999-12-31', 1), 16383)
    end
