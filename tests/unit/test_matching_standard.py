"""Both sides of a match are written by people: standardising must bring their spellings together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.matching_persons import standardized

ANY_CASE: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({"last_name": "SMITH JR"}, {"last_name": "smith", "suffix": 2}),
    ({"first_name": "John Jr.", "last_name": "Smith"}, {"first_name": "john", "suffix": 2}),
    ({"last_name": "Smith, Jr."}, {"last_name": "smith", "suffix": 2}),
    ({"middle_name": "Lee Sr"}, {"middle_name": "lee", "suffix": 1}),
    ({"last_name": "Smith III MD"}, {"last_name": "smith", "suffix": 3}),
    ({"last_name": "Smith", "suffix": "II"}, {"last_name": "smith", "suffix": 2}),
    # V alone is a suffix behind a surname, an initial behind a given name
    ({"first_name": "Mary V", "last_name": "Smith V"}, {"first_name": "mary", "middle_name": "v", "suffix": 5}),
    ({"first_name": "José", "last_name": "NÚÑEZ"}, {"first_name": "jose", "last_name": "nunez"}),
    ({"first_name": "Łukasz", "last_name": "Groß"}, {"first_name": "lukasz", "last_name": "gross"}),
    ({"first_name": "小明"}, {"first_name": "小明"}),
    ({"last_name": "O’Brien"}, {"last_name": "obrien"}),
    ({"last_name": "Mc Donald"}, {"last_name": "mcdonald", "last_parts": ["mcdonald"]}),
    ({"last_name": "Garcia-Lopez"}, {"last_name": "garcialopez", "last_parts": ["garcia", "garcialopez", "lopez"]}),
    ({"last_name": "de la Cruz"}, {"last_name": "delacruz", "last_parts": ["cruz", "delacruz"]}),
    # the surname Null is a name, as Nan is
    ({"first_name": "Nan", "last_name": "Null"}, {"first_name": "nan", "last_name": "null"}),
    ({"first_name": "UNKNOWN", "last_name": "Unknown"}, {"first_name": None, "last_name": None}),
    # surnames of some people
    ({"first_name": "Ann", "last_name": "Friend"}, {"last_name": "friend"}),
    ({"first_name": "Minji", "last_name": "Na"}, {"last_name": "na"}),
    ({"last_name": "None"}, {"last_name": "none"}),
    ({"last_name": "Test"}, {"last_name": "test"}),
    ({"last_name": "Voter"}, {"last_name": "voter"}),
    ({"last_name": "N/A"}, {"last_name": None}),
    ({"first_name": "Theresa"}, {"first_forms": ["teresa", "theresa"], "first_is_known": True}),
    ({"first_name": "Jsaon"}, {"first_forms": ["jsaon"], "first_is_known": False}),
    ({"first_name": "Dr. Mary Ann"}, {"first_name": "mary", "middle_name": "ann"}),
    ({"first_name": 'William "Bill"'}, {"first_name": "william", "first_forms": ["bill", "william"]}),
    ({"first_name": "bob"}, {"first_forms": ["bob", "robert", "roberto"]}),
    ({"last_name": "Smith, John"}, {"first_name": "john", "last_name": "smith"}),
    ({"birth_date": "1980-03-04"}, {"birth_date": "1980-03-04", "birth_year": 1980}),
    ({"birth_date": "3/4/1980"}, {"birth_date": "1980-03-04"}),
    ({"birth_date": "03-04-1980"}, {"birth_date": "1980-03-04"}),
    ({"birth_date": "19800304"}, {"birth_date": "1980-03-04"}),
    ({"birth_date": "03041980"}, {"birth_date": "1980-03-04"}),
    ({"birth_date": "3/4/80 0:00"}, {"birth_date": "1980-03-04"}),
    ({"birth_date": "Mar 4, 1980"}, {"birth_date": "1980-03-04"}),
    # a month above 12 is a day
    ({"birth_date": "14/3/1980"}, {"birth_date": "1980-03-14"}),
    # several states give the year only, some as 1 January
    ({"birth_date": "1980"}, {"birth_date": None, "birth_year": 1980}),
    ({"birth_date": "1980-01-01"}, {"birth_date": None, "birth_year": 1980}),
    ({"birth_date": "1980-02-30"}, {"birth_date": None, "birth_year": 1980}),
    ({"birth_date": "1900-01-01"}, {"birth_date": None, "birth_year": None}),
    ({"birth_date": "06-MAY-61"}, {"birth_date": "1961-05-06"}),
    ({"birth_date": "unknown"}, {"birth_date": None, "birth_year": None}),
    ({"phones": "(919) 555-2222"}, {"phones": ["9195552222"]}),
    ({"phones": "+1 919.555.2222 x12"}, {"phones": ["9195552222"]}),
    ({"phones": "19195552222 336-555-2222"}, {"phones": ["3365552222", "9195552222"]}),
    ({"phones": "9999999999 12345 91955522221"}, {"phones": None}),
    ({"emails": "A.b+news@GMAIL.com none@none.com"}, {"emails": ["ab@gmail.com"]}),
    ({"zip": "27601-1234"}, {"zip": "27601"}),
    ({"zip": "27601–1234"}, {"zip": "27601"}),
    ({"zip": "27601-"}, {"zip": "27601"}),
    ({"zip": "2138"}, {"zip": "02138"}),
    ({"zip": "501"}, {"zip": "00501"}),
    ({"zip": "21386789"}, {"zip": "02138"}),
    ({"zip": "27601.0"}, {"zip": "27601"}),
    ({"zip": "00000"}, {"zip": None}),
    ({"address": "123 North Main Street Apt 4-B"}, {"street": "123 n main st", "street_key": "123 main", "unit": "4b"}),
    ({"address": "123 N. MAIN ST #4B"}, {"street": "123 n main st", "street_key": "123 main", "unit": "4b"}),
    ({"address": "P.O. Box 12"}, {"street": "pobox 12", "unit": None}),
    ({"address": "12 Park Avenue"}, {"street": "12 park ave", "street_key": "12 park"}),
]  # fmt: skip


def test_spellings_of_one_fact_come_together() -> None:
    """Each pair of literal and expectation was, or would have been, a lost match."""
    rows = standardized(raw for raw, _ in ANY_CASE)
    wrong = [
        (raw, name, row[name], value)
        for (raw, expected), row in zip(ANY_CASE, rows, strict=True)
        for name, value in expected.items()
        if row[name] != value
    ]
    assert wrong == []


def test_empty_in_empty_out() -> None:
    """An identity may have no field at all: nothing is made up for it."""
    (row,) = standardized([{"state": "nc"}])
    assert {name: value for name, value in row.items() if value is not None} == {"id": 1, "state": "NC"}
    assert standardized([]) == []


NAMES = st.one_of(
    st.none(),
    st.sampled_from(
        ["José", "MARY ANN", "de la Cruz", "O'Brien", "Smith Jr", "Garcia-Lopez", "J.", "Van Der Berg III", "Null", ""]
    ),
    st.text(alphabet="abcdeéñß -'.JRSI", max_size=14),
)
PERSONS = st.fixed_dictionaries(
    {
        "first_name": NAMES,
        "middle_name": NAMES,
        "last_name": NAMES,
        "birth_date": st.sampled_from([None, "1980", "1980-05-06", "5/6/1980", "19800506", "31.12.1999", "x"]),
        "address": st.sampled_from([None, "1 Elm St", "12 N Oak Avenue Apt 3", "Route 2 Box 7", "5 Saint Marys Rd #B"]),
        "city": st.sampled_from([None, "Durham", "Winston-Salem"]),
        "zip": st.sampled_from([None, "27601", "501", "2138-1234"]),
        "phones": st.sampled_from([None, "(919) 555-2222", "+1 919 555 2222 ext. 5 3365552222"]),
        "emails": st.sampled_from([None, "a.b+c@gmail.com", "X@Y.org"]),
    }
)
AGAIN = ("first_name", "middle_name", "last_name", "suffix", "birth_date", "birth_year", "street", "city", "zip")


@settings(max_examples=6, deadline=None)
@given(st.lists(PERSONS, min_size=1, max_size=60))
def test_standardising_again_changes_nothing(persons: list[dict[str, Any]]) -> None:
    """What is standard stays: a feed that already cleans its names is not cleaned to something else."""
    once = standardized(persons)
    again = standardized(
        {
            **{name: row[name] for name in ("first_name", "middle_name", "last_name", "city", "zip")},
            "suffix": row["suffix"] and str(row["suffix"]),
            "birth_date": row["birth_date"] or (row["birth_year"] and str(row["birth_year"])),
            "address": row["street"],
            "phones": " ".join(row["phones"] or []),
            "emails": " ".join(row["emails"] or []),
        }
        for row in once
    )
    compared = (*AGAIN, "phones", "emails")
    assert [[row[name] for name in compared] for row in again] == [[row[name] for name in compared] for row in once]


@pytest.mark.parametrize("noise", [str.upper, str.title, lambda text: f"  {text} "])
def test_case_and_blanks_say_nothing(noise: Any) -> None:
    person = {
        "first_name": "maría josé", "last_name": "de la cruz-lópez jr", "address": "12 n oak st apt 3",
        "city": "winston-salem", "emails": "a@b.org", "zip": "27601",
    }  # fmt: skip
    plain, noisy = standardized([person, {name: noise(value) for name, value in person.items()}])
    assert {**noisy, "id": 1} == plain
