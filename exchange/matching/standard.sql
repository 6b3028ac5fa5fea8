-- Grain: one row per row of raw_persons. Every value is cleaned from its own row alone.
with

typed as (
    select
        id::bigint as id,
        nullif(upper(trim(state)), '') as state,
        case when m_is_whole_name(first_name, last_name) then split_part(last_name, ',', 2) else first_name end as given,
        case when m_is_whole_name(first_name, last_name) then split_part(last_name, ',', 1) else last_name end as surname,
        middle_name,
        suffix,
        -- a spreadsheet's midnight
        case when contains(birth_date, ':') then regexp_replace(trim(birth_date), '[ T]+\d{1,2}:.*$', '')
            else trim(birth_date) end as born,
        m_street_line(address) as line,
        city,
        zip,
        phones,
        emails
    from raw_persons
),

worded as (
    select
        *,
        m_without_title(m_named(given)) as given_words,
        m_called(given) as called_words,
        m_words(middle_name) as middle_words,
        m_without_degree(m_words(surname)) as surname_words,
        m_words(suffix) as suffix_words,
        m_ymd(born) as ymd,
        m_unit(line) as unit_found
    from typed
),

split as (
    select
        * exclude (given_words),
        case when len(given_words) > 0 then given_words else called_words end as given_words,
        m_end_suffix(given_words, false) as given_suffix,
        m_end_suffix(middle_words, false) as middle_suffix,
        m_end_suffix(surname_words, true) as surname_suffix,
        m_year(ymd) as birth_year,
        m_street_words(m_before_unit(line, unit_found)) as street_words
    from worded
),

named as (
    select
        * exclude (given_words, middle_words, surname_words),
        m_joined_given(m_letters_only(m_without_end(given_words, given_suffix is not null))) as given_words,
        m_letters_only(m_without_end(middle_words, middle_suffix is not null)) as middle_words,
        m_joined_surname(m_letters_only(m_without_end(surname_words, surname_suffix is not null))) as surname_words
    from split
),

cleaned as (
    select
        id,
        state,
        m_known(given_words[1]) as first_name,
        called_words[1] as called,
        m_known(coalesce(middle_words[1], given_words[2])) as middle_name,
        m_known_surname(surname_words) as last_name,
        surname_words,
        coalesce(m_suffix(suffix_words[1]), surname_suffix, given_suffix, middle_suffix) as suffix,
        m_date(birth_year::text, ymd) as birth_date,
        birth_year,
        nullif(array_to_string(street_words, ' '), '') as street,
        nullif(m_street_key(street_words), '') as street_key,
        nullif(replace(replace(unit_found.unit, ' ', ''), '-', ''), '') as unit,
        nullif(array_to_string(m_words(city), ' '), '') as city,
        m_zip(zip) as zip,
        m_phones(phones) as phones,
        m_emails(emails) as emails
    from named
),

formed as (
    select
        cleaned.* exclude (zip, phones, emails),
        case when zip not in ('00000', '99999') then zip end as zip,
        case when len(phones) > 0 then phones end as phones,
        case when len(emails) > 0 then emails end as emails,
        case
            when first_name is null then null
            when called is not null and called <> first_name then list_sort(list_distinct(list_concat(
                coalesce(forms.forms, [first_name]), coalesce(called_forms.forms, [called])
            )))
            else coalesce(forms.forms, [first_name])
        end as first_forms,
        case when first_name is not null then coalesce(forms.is_known, false) end as first_is_known,
        case when last_name is not null then m_last_parts(last_name, surname_words) end as last_parts
    from cleaned
    left join matching_name_forms as forms on cleaned.first_name = forms.name
    left join matching_name_forms as called_forms on cleaned.called = called_forms.name
)

select * from formed
