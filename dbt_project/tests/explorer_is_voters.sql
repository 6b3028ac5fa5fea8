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
        (array['nobody', 'us', 'others', 'both'])[1 + ((codes >> 20) & 3)] as reach
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
    or (explorer.codes >> 16) & 1 <> voters.is_suppressed::int
    or (explorer.codes >> 22) & 255 <> explorer.channels_us | explorer.channels_others
