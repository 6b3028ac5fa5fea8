-- Protected records never leave the warehouse: no relation about persons that partners read holds one, not even in the rows
-- of the partner that contributed them. Would have caught a new view that takes its persons from marts.person_ids.
{{ config(group='sharing') }}

with

shown as (
    {% for relation in ['voters', 'explorer', 'voter_responses', 'contacts', 'suppressions_shown'] %}
        select
            '{{ relation }}' as relation,
            audience_id,
            voter_id
        from {{ ref(relation) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    shown.relation,
    shown.audience_id,
    shown.voter_id
from shown
inner join {{ ref('dim_voters') }} as voters on shown.voter_id = voters.voter_id
where voters.is_protected
