{# A sentence about every row, as SQL that must be true (null fails: an unknown is no proof). #}
{% test expression_holds(model, expression) %}
select *
from {{ model }}
where ({{ expression }}) is not true
{% endtest %}
