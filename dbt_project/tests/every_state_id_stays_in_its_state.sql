-- An id that a state issues leads to voters of that state alone. Would have caught a crosswalk line that gives a voter of
-- Pennsylvania a VANID of My Voters in North Carolina: the same digits are somebody else there.
{{ config(group='core') }}

select
    person_ids.namespace,
    person_ids.scope,
    person_ids.external_id,
    person_ids.voter_id
from {{ ref('person_ids') }} as person_ids
inner join {{ ref('id_namespaces') }} as namespaces on person_ids.namespace = namespaces.namespace
inner join {{ ref('dim_voters') }} as voters on person_ids.voter_id = voters.voter_id
where namespaces.scope_kind = 'state' and person_ids.scope <> voters.state
