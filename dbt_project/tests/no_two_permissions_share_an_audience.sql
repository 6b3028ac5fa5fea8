-- audience_id is 31 bits of a hash: two different permissions in one partition would show one partner the other's rows.
{{ config(group='sharing') }}

select audience_id
from {{ ref('audiences') }}
group by audience_id
having count(distinct permission_key) > 1
