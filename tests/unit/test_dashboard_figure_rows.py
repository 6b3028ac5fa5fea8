"""Figures as rows of charts: which places stand there, in which order, and which numbers lead nowhere."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.explorer.facet import Choice, Facet
from dashboard.figures.answers import Answers
from dashboard.figures.charts import MOST_COUNTIES, bars, grid, places, spent, support, tiles, told
from dashboard.figures.contacts import Spent
from dashboard.figures.kept import voters
from dashboard.figures.reached import Group, Place, Reached, reached
from dashboard.vocabulary import Candidate, Contest, Vocabulary

WORDS = Vocabulary(
    answers={"candidate_support": [(1, "Strong support"), (5, "Strong oppose")]},
    questions={},
    channels={},
    contact_results={},
    contests={"c": Contest("c", "governor", "Governor", "ocd-division/country:us/state:pa", date(2026, 11, 3))},
    candidates={"ada": Candidate("ada", "c", "Ada Lopez", "DEM")},
    counties={"42077": "Lehigh County", "42095": "Northampton County", "37183": "Wake County"},
    states={"PA": "Pennsylvania", "NC": "North Carolina"},
)
EVERYWHERE = Place()


def group(state: str | None, county: str | None, reach: str, people: int, *, has_voted: bool = False) -> Group:
    return Group(state, county, reach, has_voted, is_suppressed=False, people=people)


GROUPS = (
    group("PA", "42077", "nobody", 10),
    group("PA", "42077", "us", 90),
    group("PA", "42095", "nobody", 9),
    group("PA", "42095", "both", 1),
    group("PA", None, "nobody", 50),
    group("PA", "42095", "nobody", 1000, has_voted=True),
)


def url(**changes: str) -> str:
    return f"/coverage?{sorted(changes.items())}"


def test_who_has_voted_counts_nowhere() -> None:
    assert reached(GROUPS) == Reached(us=90, both=1, others=0, nobody=69)
    assert sum(numbers.total for _, numbers in places(GROUPS, EVERYWHERE)) == 160


def test_an_order_by_people_is_not_one_by_share() -> None:
    """A hundred people of a city come before the only two of a hamlet, unless shares are asked for."""
    found = [item for item in places(GROUPS, EVERYWHERE) if item[0]]
    assert [row["label"] for row in bars(found, WORDS, "people", url)] == ["Lehigh County", "Northampton County"]
    assert [row["label"] for row in bars(found, WORDS, "share", url)] == ["Northampton County", "Lehigh County"]


def test_people_of_no_known_county_are_counted_and_lead_nowhere() -> None:
    """No filter finds them; a link without one would list other people."""
    (unknown,) = [row for row in bars(places(GROUPS, EVERYWHERE), WORDS, "people", url) if "not known" in row["label"]]
    assert unknown["href"] == ""
    assert [(part["value"], part["href"]) for part in unknown["parts"]] == [(0, ""), (0, ""), (0, ""), (50, "")]
    assert len(tiles(places(GROUPS, EVERYWHERE), WORDS)) == 2


def test_counties_of_several_states_carry_their_state() -> None:
    found = places((*GROUPS, group("NC", "37183", "others", 5)), EVERYWHERE)
    assert [tile["label"] for tile in tiles(found, WORDS)] == [
        "Wake County, NC",
        "Lehigh County, PA",
        "Northampton County, PA",
    ]


def test_too_many_counties_are_told_by_state() -> None:
    """Three thousand rows nobody reads; a state of its own shows its counties however many they are."""
    many = [
        group(state, f"{first + number:05}", "us", 1)
        for state, first in (("PA", 42000), ("NC", 37000))
        for number in range(MOST_COUNTIES)
    ]
    found = places(many, EVERYWHERE)
    assert found == [(Place("NC"), Reached(us=150)), (Place("PA"), Reached(us=150))]
    assert [row["label"] for row in bars(found, WORDS, "people", url)] == ["North Carolina", "Pennsylvania"]
    assert tiles(found, WORDS)[0]["href"] == "/voters?state=NC&reach=us&reach=both"
    inside = [each for each in many if Place("NC").holds(each)]
    assert len(places(inside, Place("NC"))) == MOST_COUNTIES


def test_squares_are_hatched_where_nobody_contacted_more_than_half() -> None:
    halves = (group("PA", "42077", "nobody", 1), group("PA", "42077", "us", 1), group("PA", "42095", "nobody", 2))
    assert [(tile["share"], tile["is_mostly_nobody"]) for tile in tiles(places(halves, EVERYWHERE), WORDS)] == [
        (0.5, False),
        (0.0, True),
    ]


def test_not_asked_is_about_the_office_and_not_the_candidate() -> None:
    """Whoever was not asked has no candidate: a link with one would list nobody."""
    counted: dict[tuple[str | None, int], Reached] = {("ada", 1): Reached(us=3), (None, 0): Reached(nobody=7)}
    rows = support(counted, "governor", "ada", Place("PA"), WORDS)
    assert [row["label"] for row in rows] == ["Strong support", "Strong oppose", "Not asked"]
    assert rows[0]["parts"][0] == {
        "value": 3,
        "href": "/voters?state=PA&office=governor&candidate=ada&support=1&reach=us",
    }
    assert rows[2]["parts"][3] == {"value": 7, "href": "/voters?state=PA&office=governor&support=0&reach=nobody"}


def test_what_was_spent_counts_who_has_voted_since() -> None:
    rows = spent(Spent(10, 4, 3, 2, 1), Place("PA", "42077"))
    assert [(row["people"], row["contacts"]) for row in rows] == [(3, 4), (1, 2)]
    assert rows[0]["href"] == "/voters?state=PA&county=42077&spent=answered&ballot=any"


def test_a_grid_without_contacts_is_none() -> None:

    def facet(name: str, *values: str) -> Facet:
        choices = tuple(Choice(value, value.capitalize(), code) for code, value in enumerate(values))
        return Facet(name, name, "", choices, bits=4)

    facets = {"last": facet("last", "never", "7", "older"), "channel": facet("channel", "door", "phone")}
    counts = {("door", "7", "us"): 2, ("door", "7", "both"): 3, ("door", "older", "others"): 4}
    assert grid({}, EVERYWHERE, "", facets) is None
    everyone, ours = grid(counts, EVERYWHERE, "", facets), grid(counts, EVERYWHERE, "us", facets)
    assert everyone and [[cell["value"] for cell in row["cells"]] for row in everyone["rows"]] == [[5, 4]]
    assert ours and [cell["href"] for cell in ours["rows"][0]["cells"]] == [
        "/voters?channel=door&last=7&reach=us",
        "/voters?channel=door&last=older&reach=us",
    ]


def test_of_coverage_summary_only_what_is_told() -> None:
    nothing = dict.fromkeys(("us_only", "us_and_others", "others_only", "nobody"))
    rows = [
        {"state": "PA", "county_fips": None, "voters": 100, **nothing},
        {"state": "PA", "county_fips": "42077", "voters": 60, **nothing, "others_only": 20, "nobody": 30},
        {"state": "PA", "county_fips": "42095", "voters": 40, **nothing},
        {"state": "NC", "county_fips": None, "voters": 10, **nothing},
    ]
    assert [row["label"] for row in told(rows, Place("PA"), WORDS)] == ["Pennsylvania", "Lehigh County"]
    assert [row["numbers"] for row in told(rows, Place("PA", "42077"), WORDS)] == [[None, None, 20, 30]]


def test_offices_and_candidates_with_most_answers_come_first() -> None:
    answers = Answers(
        {"president": {}, "governor": {"x": {1: 1}, "y": {1: 2, 5: 3}}, "us_house": {"z": {5: 9}}},
        {},
    )
    assert answers.offices_by_answers == ["us_house", "governor"]
    assert answers.candidates("governor") == ["y", "x"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "/voters"),
        ({"reach": "nobody", "state": ""}, "/voters?reach=nobody"),
        ({"reach": ("us", "both")}, "/voters?reach=us&reach=both"),
    ],
)
def test_addresses_carry_only_what_is_chosen(filters: dict[str, str], expected: str) -> None:
    assert voters(**filters) == expected
