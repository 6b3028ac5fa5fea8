-- Macros that clean one value each. A null gives null. Slow paths are behind a cheap test: a spine has millions of rows.

-- lower case, no accents; letters that are no accented letter are spelled out. ASCII text has neither.
create or replace temp macro m_plain(x) as
    case when strlen(x) = length(x) then lower(x) else
        strip_accents(replace(replace(replace(translate(lower(nfc_normalize(x)),
            'øłđðıħ’‘`´ʻ', 'olddih'''''''''''), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'))
    end;

-- an apostrophe belongs to the word; everything else that is neither letter nor digit parts words
create or replace temp macro m_split(plain) as
    case when regexp_full_match(plain, '[a-z]+') then [plain] else
        list_filter(string_split(
            regexp_replace(replace(replace(plain, '''', ''), '`', ''), '[^\p{L}\d]+', ' ', 'g'), ' '
        ), lambda w: w <> '')
    end;

create or replace temp macro m_words(x) as m_split(m_plain(x));

-- "Smith, John" in the surname; "Smith, Jr." is none
create or replace temp macro m_is_whole_name(given, surname) as
    coalesce(given ~ '^\s*$', true) and contains(surname, ',')
    and not regexp_matches(lower(surname), ',\s*(jr|sr|ii|iii|iv|v|junior|senior)?\W*$');

-- William "Bill" and William (Bill): the name, and what he is called
create or replace temp macro m_named(x) as m_words(
    case when regexp_matches(x, '["(“]') then regexp_replace(x, '["(“][^")”]*[")”]', ' ', 'g') else x end
);
create or replace temp macro m_called(x) as
    case when regexp_matches(x, '["(“]') then m_words(regexp_extract(x, '["(“]([^")”]+)[")”]', 1)) end;

create or replace temp macro m_without_title(words) as
    case when len(words) > 1 and words[1] in ('mr', 'mrs', 'ms', 'miss', 'dr', 'rev', 'hon', 'prof')
        then words[2:] else words end;

create or replace temp macro m_without_degree(words) as
    case when len(words) > 1 then list_filter(words, lambda w, n:
        n = 1 or w not in ('md', 'phd', 'esq', 'dds', 'rn', 'cpa', 'dvm', 'jd')
    ) else words end;

create or replace temp macro m_suffix(word) as
    case
        when word in ('sr', 'senior', '1', '1st') then 1
        when word in ('jr', 'junior', 'jnr', 'ii', '2', '2nd') then 2
        when word in ('iii', '3', '3rd') then 3
        when word in ('iv', '4', '4th') then 4
        when word in ('v', '5', '5th') then 5
    end;

-- suffix at the end of a name of several words; V there is a suffix behind a surname only, a digit never
create or replace temp macro m_end_suffix(words, is_surname) as
    case when len(words) > 1 and length(words[-1]) > 1 or is_surname and len(words) > 1 and words[-1] = 'v'
        then m_suffix(words[-1]) end;

create or replace temp macro m_without_end(words, is_cut) as
    case when is_cut then words[:-2] else words end;

create or replace temp macro m_letters_only(words) as
    case when len(words) > 1 then list_filter(words, lambda w: not regexp_matches(w, '\d')) else words end;

create or replace temp macro m_known(name) as
    case when name not in (
        'unknown', 'unk', 'none', 'na', 'nmn', 'nfn', 'fnu', 'lnu', 'nln', 'test', 'voter', 'resident', 'anonymous',
        'neighbor', 'friend'
    ) and not regexp_matches(name, '^$|\d') then name end;

-- surnames: Test, Voter, Friend, None, Na and Null are some people's
create or replace temp macro m_known_surname(words) as
    case when array_to_string(words, ' ') not in ('unknown', 'unk', 'lnu', 'nln', 'n a', 'anonymous', 'resident')
        and not regexp_matches(array_to_string(words, ''), '^$|\d') then array_to_string(words, '') end;

-- "La Toya" and "Latoya", "Mc Donald" and "McDonald"
create or replace temp macro m_joined_given(words) as
    case when len(words) > 1 and length(words[2]) > 2
        and words[1] in ('de', 'la', 'le', 'da', 'jo', 'el', 'abd', 'van', 'ja', 'du')
        then list_concat([words[1] || words[2]], words[3:]) else words end;
create or replace temp macro m_joined_surname(words) as
    case when len(words) > 1 and words[1] in ('mc', 'mac', 'o', 'st', 'saint', 'san', 'santa', 'fitz', 'd')
        then list_concat([words[1] || words[2]], words[3:]) else words end;

-- the whole surname, and its parts that are names of their own: Garcia of Garcia-Lopez, Cruz of de la Cruz
create or replace temp macro m_last_parts(name, words) as
    case when len(words) > 1 then list_sort(list_distinct(list_concat([name], list_filter(words, lambda w:
        length(w) > 2 and w not in (
            'las', 'los', 'del', 'dos', 'das', 'van', 'von', 'der', 'den', 'ter', 'bin'
        )
    )))) else [name] end;

-- year, month and day of a written date, as text
create or replace temp macro m_ymd(x) as
    case
        when regexp_full_match(x, '\d{4}-\d\d-\d\d') then {'y': x[1:4], 'm': x[6:7], 'd': x[9:10]}
        when regexp_full_match(x, '\d{4}') then {'y': x, 'm': '', 'd': ''}
        when regexp_full_match(x, '\d{8}') and x[1:4]::int between 1800 and 2100
            then {'y': x[1:4], 'm': x[5:6], 'd': x[7:8]}
        when regexp_full_match(x, '\d{8}') then {'y': x[5:8], 'm': x[1:2], 'd': x[3:4]}
        when regexp_full_match(x, '\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?')
            then regexp_extract(x, '^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?$', ['y', 'm', 'd'])
        when regexp_full_match(x, '\d{1,2}[-/.]\d{1,2}[-/.](\d{2}|\d{4})')
            then regexp_extract(x, '^(\d{1,2})[-/.](\d{1,2})[-/.](\d{2,4})$', ['m', 'd', 'y'])
        -- two digits of the year stay two: 61 is not 2061
        when regexp_full_match(x, '\d{1,2}-\p{L}{3}-\d\d') then regexp_extract(
            strftime(try_strptime(x, '%d-%b-%y'), '%y-%m-%d'), '^(\d\d)-(\d\d)-(\d\d)$', ['y', 'm', 'd'])
        else regexp_extract(strftime(try_strptime(x, [
            '%b %d, %Y', '%B %d, %Y', '%b %d %Y', '%B %d %Y', '%d %b %Y', '%d %B %Y', '%d-%b-%Y', '%d-%B-%Y'
        ]), '%Y-%m-%d'), '^(\d{4})-(\d\d)-(\d\d)$', ['y', 'm', 'd'])
    end;

-- of two digits: nobody born after 2009 votes yet. Years outside are placeholders (1900, 1800) or slips.
create or replace temp macro m_full_year(y) as
    case when length(y) = 2 then y::int + case when y::int <= 9 then 2000 else 1900 end else try_cast(y as int) end;
create or replace temp macro m_year(ymd) as
    case when m_full_year(ymd.y) between 1902 and 2015 then m_full_year(ymd.y) end;

-- a date that does not exist is none; a month above 12 is a day; 1 January is how files say "only the year is known"
create or replace temp macro m_date(year, ymd) as
    case
        when try_cast(ymd.m as int) > 12
            then strftime(try_cast(year || '-' || ymd.d || '-' || ymd.m as date), '%Y-%m-%d')
        when try_cast(ymd.m as int) = 1 and try_cast(ymd.d as int) = 1 then null
        else strftime(try_cast(year || '-' || ymd.m || '-' || ymd.d as date), '%Y-%m-%d')
    end;

-- ten digits in any notation, with or without +1 and an extension; numbers of one digit are made up
create or replace temp macro m_phones(x) as
    case when regexp_full_match(x, '[2-9]\d\d[2-9]\d{6}') then
        case when not regexp_full_match(x, '(2+|3+|4+|5+|6+|7+|8+|9+)') then [x] end
    else
        list_sort(list_distinct(list_filter(list_transform(
            regexp_extract_all(
                regexp_replace(lower(x), '[().\-+/_]+', ' ', 'g'),
                '\b(?:1 *)?([2-9]\d{2} *[2-9]\d{2} *\d{4})(?: *(?:x|ext|extension|#) *\d+)?\b', 1
            ),
            lambda p: replace(p, ' ', '')
        ), lambda p: not regexp_full_match(p, '(2+|3+|4+|5+|6+|7+|8+|9+)'))))
    end;

-- a tag behind + names no other mailbox, nor do dots at gmail
create or replace temp macro m_emails(x) as list_sort(list_distinct(list_transform(
    list_filter(string_split_regex(m_plain(x), '[\s,;<>]+'), lambda e:
        regexp_full_match(e, '[^@]+@[^@]+\.[a-z]{2,}') and split_part(e, '@', 1) not in (
            'none', 'noemail', 'no', 'na', 'test', 'unknown', 'noreply', 'null', 'declined', 'refused'
        )),
    lambda e: case when e like '%@gmail.com' then replace(split_part(split_part(e, '@', 1), '+', 1), '.', '')
        else regexp_replace(split_part(e, '@', 1), '^(.+?)\+.*$', '\1') end || '@' || split_part(e, '@', 2)
)));

-- Spreadsheets drop leading zeros, of ZIP and of ZIP+4. What is no ZIP comes out as 00000, which none is.
create or replace temp macro m_zip(x) as
    case
        when x is null or regexp_full_match(x, '\d{5}') then x
        else lpad(regexp_extract(trim(x), '(?:^|\D)(\d{3,5})(?:[^\d\p{L}]*\d{4})?(?:\.0+)?[^\d\p{L}]*$', 1), 5, '0')
    end;

create or replace temp macro m_street_line(x) as trim(replace(
    regexp_replace(replace(replace(m_plain(x), '.', ''), '''', ''), '[^\p{L}\d#/-]+', ' ', 'g'),
    'po box', 'pobox'
));
create or replace temp macro m_unit(line) as
    case when regexp_matches(line, '[a-z#] *[#]? *[a-z0-9-]*\d[a-z0-9 -]*$|[a-z]+ [a-z]$') then regexp_extract(line,
        '(?:^|\s)((?:apartment|apt|unit|suite|ste|lot|trailer|trlr|room|rm|floor|fl|building|bldg|no|spc|space)\s*(?:#\s*)?|#\s*)([a-z0-9]+(?:[\s-][a-z0-9]+)?)$',
        ['mark', 'unit'])
    end;
-- the line before its unit
create or replace temp macro m_before_unit(line, unit) as
    case when unit.mark <> '' then trim(line[:length(line) - length(unit.mark) - length(unit.unit)]) else line end;

create or replace temp macro m_street_words(line) as list_transform(
    list_filter(string_split(translate(line, '#-', '  '), ' '), lambda w: w <> ''),
    lambda w: coalesce(map {
        'street': 'st', 'str': 'st', 'avenue': 'ave', 'av': 'ave', 'road': 'rd', 'drive': 'dr', 'lane': 'ln',
        'boulevard': 'blvd', 'court': 'ct', 'circle': 'cir', 'place': 'pl', 'terrace': 'ter', 'terr': 'ter',
        'trail': 'trl', 'parkway': 'pkwy', 'pky': 'pkwy', 'highway': 'hwy', 'square': 'sq', 'alley': 'aly',
        'crossing': 'xing', 'cove': 'cv', 'point': 'pt', 'ridge': 'rdg', 'heights': 'hts', 'expressway': 'expy',
        'turnpike': 'tpke', 'plaza': 'plz', 'extension': 'ext', 'route': 'rte', 'rt': 'rte', 'landing': 'lndg',
        'north': 'n', 'south': 's', 'east': 'e', 'west': 'w', 'northeast': 'ne', 'northwest': 'nw',
        'southeast': 'se', 'southwest': 'sw', 'saint': 'st', 'mount': 'mt', 'fort': 'ft', 'first': '1st',
        'second': '2nd', 'third': '3rd', 'fourth': '4th', 'fifth': '5th', 'sixth': '6th', 'seventh': '7th',
        'eighth': '8th', 'ninth': '9th', 'tenth': '10th'
    }[w], w)
);
-- number and name: contacts forget the kind of street and its direction. "12 Avenue" keeps its only word.
create or replace temp macro m_street_key(words) as coalesce(
    nullif(array_to_string(list_filter(words, lambda w, n: n = 1 or w not in (
        'st', 'ave', 'rd', 'dr', 'ln', 'blvd', 'ct', 'cir', 'pl', 'ter', 'trl', 'pkwy', 'hwy', 'sq', 'aly', 'xing',
        'cv', 'pt', 'rdg', 'hts', 'expy', 'tpke', 'plz', 'ext', 'rte', 'lndg', 'way', 'loop', 'run', 'path', 'row',
        'walk', 'pass', 'pike', 'bnd', 'bend', 'n', 's', 'e', 'w', 'ne', 'nw', 'se', 'sw', 'us', 'mt', 'ft', 'old', 'new'
    )), ' '), words[1]),
    array_to_string(words, ' ')
);
