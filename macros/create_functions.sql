{#
    Functions that staging needs and Postgres 15 does not have: casts that give null instead of an error.
    Created by on-run-start; `create or replace`, so a change here takes effect with the next run. Parallel unsafe: before
    Postgres 17 a block with an exception clause cannot start in a parallel worker.
#}
{% macro create_functions() %}
{% if execute %}
create schema if not exists staging;

-- An instant (UTC) from ISO or US text. Text without an offset is local to `zone`; a bare date is local midnight.
-- Null when it is not such a text or not such a day (2026-02-30): the caller quarantines, nothing defaults to today.
create or replace function staging.to_instant(value text, zone text) returns timestamptz
language plpgsql stable parallel unsafe strict set datestyle = 'ISO, MDY' as $$
declare
    trimmed text := btrim(value);
begin
    if trimmed ~ '^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)? ?(Z|[+-]\d{2}(:?\d{2})?)$' then
        return trimmed::timestamptz;
    elsif trimmed ~ '^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$'
        or trimmed ~ '^\d{1,2}/\d{1,2}/\d{4}( \d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?)?$' then
        return trimmed::timestamp at time zone zone;
    end if;
    return null;
exception
    when data_exception then
        return null;
end
$$;

-- A day from ISO or US text (1980-02-03, also with a time; 19800203; 2/3/1980; 2-3-1980); null when it is neither or no such day.
create or replace function staging.to_day(value text) returns date
language plpgsql stable parallel unsafe strict set datestyle = 'ISO, MDY' as $$
declare
    trimmed text := btrim(value);
begin
    if trimmed ~ '^(\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?|(18|19|20)\d{6}|\d{1,2}/\d{1,2}/\d{4}|\d{1,2}-\d{1,2}-\d{4})$' then
        return trimmed::date;
    end if;
    return null;
exception
    when data_exception then
        return null;
end
$$;

-- A voter's birth date: a day as above, or 2/3/80. Two digits are the year of this century if that voter would be at least 16
-- (the youngest who are registered anywhere), else of the last. No other date may be of two digits: what it means depends on
-- `today`, the day on which the file came.
create or replace function staging.to_birth_day(value text, today date) returns date
language plpgsql stable parallel unsafe strict as $$
declare
    parts text[] := regexp_match(value, '^\s*(\d{1,2})/(\d{1,2})/(\d{2})\s*$');
    this_century date;
begin
    if parts is null then
        return staging.to_day(value);
    end if;
    this_century := make_date(2000 + parts[3]::int, parts[1]::int, parts[2]::int);
    if this_century + interval '16 years' <= today then
        return this_century;
    end if;
    return make_date(1900 + parts[3]::int, parts[1]::int, parts[2]::int);
exception
    when data_exception then
        return null;
end
$$;
{% endif %}
{% endmacro %}
