{# The grain: no two rows agree in all these columns (null counts as a value: a person-level answer has no contest). #}
{% test unique_combination(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
