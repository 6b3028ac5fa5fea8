"""What is compared between an identity (_l) and a voter (_r), in levels from the best agreement to none.

Levels of one group share what could be compared at all (a whole birth date, or only its year): m and u sum to 1
within a group, so that a field which partners rarely fill whole is no evidence in itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from exchange.matching.lookalikes import lookalikes

# columns of a standardised table that comparisons read
COMPARED_COLUMNS = (
    "first_name", "first_forms", "first_is_known", "middle_name", "last_name", "last_parts", "suffix",
    "birth_date", "birth_year", "street", "unit", "city", "zip", "phones", "emails",
)  # fmt: skip


@dataclass(frozen=True)
class Level:
    """One degree of agreement; the last level of a comparison has condition ELSE."""

    name: str
    condition: str
    group: str = "all"
    # the name whose frequency in the spine takes the place of u
    frequency_of: str | None = None


@dataclass(frozen=True)
class Comparison:
    """One field. Pairs for which `unknown` holds say nothing."""

    name: str
    unknown: str
    levels: tuple[Level, ...]


_JARO_FIRST = "jaro_winkler_similarity(first_name_l, first_name_r)"
_JARO_LAST = "jaro_winkler_similarity(last_name_l, last_name_r)"
# Eric and Erica: alike as text, and never one person
_LOOKALIKE = (
    "coalesce(first_name_l || ' ' || first_name_r in ("
    + ", ".join(f"'{one} {other}'" for one, other in lookalikes())
    + "), false)"
)
_SHARED_FORM = "list_has_any(first_forms_l, first_forms_r)"
SAME_FORMS = f"({_SHARED_FORM} and not {_LOOKALIKE})"
# both halves: Mary Grant is not Grant Lee. CASE, because the similarity costs and hardly ever matters
SWAPPED = (
    "(case when first_name_l = last_name_r then last_name_l is null or coalesce("
    "list_contains(first_forms_r, last_name_l) or jaro_winkler_similarity(last_name_l, first_name_r) >= 0.84, false)"
    " when last_name_l = first_name_r then first_name_l is null or coalesce("
    "list_contains(last_parts_r, first_name_l) or jaro_winkler_similarity(first_name_l, last_name_r) >= 0.84, false)"
    " else false end)"
)
SAME_INITIAL = "((length(first_name_l) = 1 or length(first_name_r) = 1) and first_name_l[1] = first_name_r[1])"
SHARED_PART = "list_has_any(last_parts_l, last_parts_r)"
# who goes by the middle name
MIDDLE_IS_FIRST = "coalesce(first_name_l = middle_name_r or middle_name_l = first_name_r, false)"
# two letters the wrong way round: in short names too many for Jaro-Winkler
_TRANSPOSED = "(levenshtein(first_name_l, first_name_r) = 2 and damerau_levenshtein(first_name_l, first_name_r) = 1)"
# Joan and John: two names in their own right are no slip of the pen; spellings of one name share a form
_TWO_NAMES = f"({_LOOKALIKE} or (first_is_known_l and first_is_known_r))"
_NEAR_FIRST = f"(({_JARO_FIRST} >= 0.84 or {_TRANSPOSED}) and not {_TWO_NAMES})"
NEAR_LAST = f"({_JARO_LAST} >= 0.84)"
# names one person may have been given at two places
FIRST_AGREES = f"(first_name_l = first_name_r or {SAME_FORMS} or {_NEAR_FIRST} or {SAME_INITIAL} or {MIDDLE_IS_FIRST})"
FIRST_IS_OTHER = f"(not ({FIRST_AGREES} or {SWAPPED}))"

_SWAPPED_DAY = (
    "(birth_date_l[1:4] = birth_date_r[1:4] and birth_date_l[6:7] = birth_date_r[9:10]"
    " and birth_date_l[9:10] = birth_date_r[6:7])"
)
_TWO_PARTS = (
    "((birth_date_l[1:4] = birth_date_r[1:4])::int + (birth_date_l[6:7] = birth_date_r[6:7])::int"
    " + (birth_date_l[9:10] = birth_date_r[9:10])::int >= 2)"
)
_ONE_EDIT = "(levenshtein(birth_date_l, birth_date_r) <= 1)"
_WHOLE_DATES = "(birth_date_l is not null and birth_date_r is not null)"
BIRTH_CONFLICTS = (
    f"coalesce(case when {_WHOLE_DATES} then not (birth_date_l = birth_date_r or {_SWAPPED_DAY} or {_ONE_EDIT}"
    f" or {_TWO_PARTS}) else birth_year_l <> birth_year_r end, false)"
)
# more than a slip in the year: a father and his son
BIRTH_FAR = f"({BIRTH_CONFLICTS} and coalesce(abs(birth_year_l - birth_year_r) > 2, false))"
BIRTH_AGREES = f"coalesce({_WHOLE_DATES} and (birth_date_l = birth_date_r or {_SWAPPED_DAY} or {_ONE_EDIT}), false)"

SAME_PLACE = "(zip_l = zip_r or ((zip_l is null or zip_r is null) and city_l = city_r))"
SAME_HOUSE = f"(street_l = street_r and {SAME_PLACE})"
# number and name agree up to a slip of the pen, or one side forgot the kind of street
_NEAR_STREET = (
    "(split_part(street_l, ' ', 1) = split_part(street_r, ' ', 1)"
    " and jaro_winkler_similarity(street_l, street_r) >= 0.9)"
)
_NO_STREET = "(street_l is null or street_r is null)"
_NO_PLACE = "((zip_l is null or zip_r is null) and (city_l is null or city_r is null))"

_ONE_LETTER = "(length(middle_name_l) = 1 or length(middle_name_r) = 1)"
MIDDLE_CONFLICTS = "coalesce(middle_name_l[1] <> middle_name_r[1], false)"
SUFFIX_CONFLICTS = "coalesce(suffix_l <> suffix_r, false)"
# Jr, III: who is written so has a namesake
ONE_IS_JUNIOR = "coalesce((suffix_l is null and suffix_r > 1) or (suffix_r is null and suffix_l > 1), false)"
SUFFIX_NOT_FOUND = "(suffix_l is not null and suffix_r is null)"

COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        "first_name",
        "first_name_l is null or first_name_r is null",
        (
            Level("same", "first_name_l = first_name_r", frequency_of="first_name"),
            Level("nickname", SAME_FORMS),
            Level("near", f"({_JARO_FIRST} >= 0.92 and not {_TWO_NAMES})"),
            Level("similar", _NEAR_FIRST),
            Level("swapped", SWAPPED),
            Level("initial", SAME_INITIAL),
            Level("middle", MIDDLE_IS_FIRST),
            Level("other", "ELSE"),
        ),
    ),
    Comparison(
        "last_name",
        "last_name_l is null or last_name_r is null",
        (
            Level("same", "last_name_l = last_name_r", frequency_of="last_name"),
            Level("shared_part", SHARED_PART),
            Level("near", f"{_JARO_LAST} >= 0.92"),
            Level("similar", f"{_JARO_LAST} >= 0.84"),
            Level("swapped", SWAPPED),
            Level("other", "ELSE"),
        ),
    ),
    Comparison(
        "birth_date",
        "birth_year_l is null or birth_year_r is null",
        (
            Level("same", "birth_date_l = birth_date_r", "date"),
            Level("swapped_day", _SWAPPED_DAY, "date"),
            Level("one_edit", _ONE_EDIT, "date"),
            Level("two_parts", _TWO_PARTS, "date"),
            Level("other", _WHOLE_DATES, "date"),
            Level("same_year", "birth_year_l = birth_year_r", "year"),
            Level("other_year", "ELSE", "year"),
        ),
    ),
    Comparison(
        "address",
        f"{_NO_STREET} and (zip_l is null or zip_r is null)",
        (
            Level("zip_only", f"{_NO_STREET} and zip_l = zip_r", "zip"),
            Level("other_zip_only", _NO_STREET, "zip"),
            Level("same_line", f"{_NO_PLACE} and street_l = street_r", "line"),
            Level("other_line", _NO_PLACE, "line"),
            Level("same_unit", f"{SAME_HOUSE} and unit_l = unit_r", "street"),
            Level("no_unit", f"{SAME_HOUSE} and unit_l is null and unit_r is null", "street"),
            Level("one_unit", f"{SAME_HOUSE} and (unit_l is null or unit_r is null)", "street"),
            Level("other_unit", SAME_HOUSE, "street"),
            Level("near", f"{SAME_PLACE} and {_NEAR_STREET}", "street"),
            Level("same_zip", SAME_PLACE, "street"),
            Level("other", "ELSE", "street"),
        ),
    ),
    Comparison(
        "phone",
        "phones_l is null or phones_r is null",
        (Level("same", "list_has_any(phones_l, phones_r)"), Level("other", "ELSE")),
    ),
    Comparison(
        "email",
        "emails_l is null or emails_r is null",
        (Level("same", "list_has_any(emails_l, emails_r)"), Level("other", "ELSE")),
    ),
    Comparison(
        "middle_name",
        "middle_name_l is null or middle_name_r is null",
        (
            Level("same_initial", f"{_ONE_LETTER} and middle_name_l[1] = middle_name_r[1]", "initial"),
            Level("other_initial", _ONE_LETTER, "initial"),
            Level("same", "middle_name_l = middle_name_r", "name"),
            Level("similar", "jaro_winkler_similarity(middle_name_l, middle_name_r) >= 0.84", "name"),
            Level("other", "ELSE", "name"),
        ),
    ),
    Comparison(
        "suffix",
        "suffix_l is null or suffix_r is null",
        (Level("same", "suffix_l = suffix_r"), Level("other", "ELSE")),
    ),
)
