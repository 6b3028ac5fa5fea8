{# The finest date precision that some matching rule gives a row of this contact date (design: most generous form). #}
{% macro shown_precision(contact_on) -%}
    case
        when {{ contact_on }} <= permissions.day_until then 'day'
        when {{ contact_on }} <= permissions.month_until then 'month'
        else 'two_months'
    end
{%- endmacro %}

{# First and last day of the window that stands for a contact date: the day, its month, or its pair of months (Jan-Feb, …). #}
{% macro window_start(contact_on, precision) -%}
    case {{ precision }}
        when 'day' then {{ contact_on }}
        when 'month' then date_trunc('month', {{ contact_on }})::date
        else make_date(
            extract(year from {{ contact_on }})::int, ((extract(month from {{ contact_on }})::int - 1) / 2) * 2 + 1, 1
        )
    end
{%- endmacro %}

{% macro window_end(contact_on, precision) -%}
    case {{ precision }}
        when 'day' then {{ contact_on }}
        when 'month' then (date_trunc('month', {{ contact_on }}) + interval '1 month - 1 day')::date
        else (
            make_date(extract(year from {{ contact_on }})::int, ((extract(month from {{ contact_on }})::int - 1) / 2) * 2 + 1, 1)
            + interval '2 months - 1 day'
        )::date
    end
{%- endmacro %}
