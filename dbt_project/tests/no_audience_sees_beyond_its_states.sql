-- Another partner's row is visible only for voters of the recipient's own states.
{{ config(group='sharing') }}

with

shown as (
    select
        audience_id,
        state
    from {{ ref('voter_responses') }} where not is_own
    union all
    select
        audience_id,
        state
    from {{ ref('contacts') }} where not is_own
    union all
    select
        audience_id,
        state
    from {{ ref('voters') }}
)

select
    shown.audience_id,
    shown.state
from shown
inner join {{ ref('audiences') }} as audiences on shown.audience_id = audiences.audience_id
where audiences.states <> '*' and shown.state <> all(string_to_array(audiences.states, ' '))
