"""The whole engine on small literal worlds: who must be found, and who must not be guessed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from exchange.matching.model import Model
from tests.matching_persons import Person, matched

TOWN = [
    {"id": n, "state": "NC", "first_name": first, "last_name": last, "birth_date": born, "address": home, "zip": code}
    for n, (first, last, born, home, code) in enumerate(
        [
            ("Robert", "Jones", "1961-05-19", "99 Lake Dr", "27605"),
            ("Emma", "Brown", "1999-11-11", "7 Hill Ct", "27607"),
            ("Liam", "Davis", "1988-08-08", "8 Main St", "27601"),
            ("Olivia", "Wilson", "1971-12-01", "5 River Rd", "27609"),
            ("Noah", "Moore", "1966-06-16", "3 Bay Ln", "27610"),
            ("Sophia", "Clark", "1945-10-21", "17 Park Pl", "27612"),
        ],
        start=1,
    )
]
OAK = {"state": "NC", "address": "12 Oak St", "zip": "27601", "phones": "9195550101"}
# a couple, twins, a father and a son of one name: all of one house and one telephone
HOUSE = [
    {"id": 11, "first_name": "José", "last_name": "García", "birth_date": "1950-02-03", "suffix": "Sr", **OAK},
    {"id": 12, "first_name": "Maria", "last_name": "Garcia", "birth_date": "1952-07-08", **OAK},
    {"id": 13, "first_name": "Jose", "last_name": "Garcia", "birth_date": "1975-10-11", "suffix": "Jr", **OAK},
    {"id": 14, "first_name": "Ana", "last_name": "Garcia", "birth_date": "1980-04-05", **OAK},
    {"id": 15, "first_name": "Eva", "last_name": "Garcia", "birth_date": "1980-04-05", **OAK},
]
VOTERS = [*TOWN, *HOUSE]


def answers(people: Sequence[Person], voters: Sequence[Person] = VOTERS, **more: Any) -> list[int | None]:
    """The voter each person is attached to."""
    found, _ = matched(voters, people, **more)
    return [row["voter_id"] for row in found.values()]


def test_a_tiny_spine_finds_its_own_and_nobody_else() -> None:
    """Ten voters, no labels: name, address and birth date are enough, a stranger of the same ZIP is not."""
    assert answers(
        [
            {"state": "NC", "first_name": "BOB", "last_name": "jones", "birth_date": "5/19/1961", "zip": "27605"},
            {"state": "nc", "first_name": "Emma", "last_name": "Brown", "address": "7 Hill Court", "zip": "27607-1234"},
            {"first_name": "Liam", "last_name": "DAVIS JR", "birth_date": "19880808", "address": "8 Main Street"},
            {"state": "NC", "first_name": "Peter", "last_name": "Quill", "birth_date": "1985-03-03", "zip": "27605"},
            {"state": "PA", "first_name": "Emma", "last_name": "Brown", "address": "7 Hill Court", "zip": "27607"},
            {"state": "NC"},
        ]
    ) == [1, 2, 3, None, None, None]


def test_a_shared_phone_moves_nothing_to_the_wrong_person() -> None:
    """One number, five voters: it finds whom the first name tells from the others, and an unknown name nobody."""
    phone = {"state": "NC", "phones": "(919) 555-0101"}
    assert answers(
        [
            {**phone, "first_name": "Maria"},
            # two voters of this first name own the number
            {**phone, "first_name": "Jose"},
            {**phone, "first_name": "Pablo"},
            {**phone, "first_name": "Pablo", "last_name": "Garcia", "address": "12 Oak St", "zip": "27601"},
            phone,
            {**phone, "last_name": "Garcia", "address": "12 Oak Street", "zip": "27601"},
        ]
    ) == [12, None, None, None, None, None]


def test_a_phone_alone_names_nobody_though_one_voter_owns_it() -> None:
    """Who answered the telephone is not known: a reviewer may see the owner, an answer never moves to him."""
    owner = {**TOWN[0], "phones": "9195550177"}
    found, _ = matched([owner, *TOWN[1:]], [{"state": "NC", "phones": "9195550177"}])
    assert (found[1]["status"], found[1]["candidate_voter_id"]) == ("review", 1)


def test_father_and_son_and_twins_are_not_guessed() -> None:
    home = {k: OAK[k] for k in ("state", "address", "zip")}
    assert answers(
        [
            {**home, "first_name": "Jose", "last_name": "Garcia"},
            {**home, "first_name": "Jose", "last_name": "Garcia Jr"},
            {**home, "first_name": "José", "last_name": "García", "suffix": "SR."},
            {**home, "first_name": "Jose", "last_name": "Garcia", "birth_date": "1975-10-11"},
            # a twin whose first name is not given, and one whose name is told
            {**home, "last_name": "Garcia", "birth_date": "1980-04-05"},
            {**home, "first_name": "Eva", "last_name": "Garcia", "birth_date": "1980-04-05"},
            # the third of the twins' birth date is not registered
            {**home, "first_name": "Luz", "last_name": "Garcia", "birth_date": "1980-04-05"},
        ]
    ) == [None, 13, 11, 13, None, 15, None]


def test_the_son_is_not_the_registered_father_nor_erica_the_registered_eric() -> None:
    """Would have caught a Jr accepted as the Sr, and a sister as her brother, of the same house and telephone."""
    alone = [*TOWN, HOUSE[0], {"id": 16, "first_name": "Eric", "last_name": "Lund", **OAK}]
    assert answers(
        [
            {**OAK, "first_name": "Jose", "last_name": "Garcia", "suffix": "Jr"},
            {**OAK, "first_name": "Erica", "last_name": "Lund"},
            {**OAK, "first_name": "Erick", "last_name": "Lund"},
        ],
        alone,
    ) == [None, None, 16]


def lodger(number: int, first: str, last: str, born: str, **more: Any) -> Person:
    """A voter with a house and a telephone of his own."""
    home = {"address": f"{number} Test St", "zip": "27601", "phones": f"91955520{number}"}
    return {"id": number, "state": "NC", "first_name": first, "last_name": last, "birth_date": born, **home, **more}


def as_contact(voter: Person, **told: Any) -> Person:
    """A contact of that voter's house and telephone, with no birth date but one that is told."""
    return {k: v for k, v in voter.items() if k not in ("id", "birth_date", "suffix")} | told


def test_a_namesake_of_another_age_is_for_review() -> None:
    """Would have caught a son, of one name, house and telephone with his registered father, accepted as the father."""
    father = lodger(20, "Harlan", "Whitcombe", "1944-01-07")
    people = [
        as_contact(father, birth_date="1975-11-23"),
        as_contact(father, birth_date="1975"),
        as_contact(father, birth_date="1945-09-23", suffix="Jr"),
        # slips in one digit, in the order of day and month, or in no more than the year
        as_contact(father, birth_date="1974-01-07"),
        as_contact(father, birth_date="1944-07-01"),
        as_contact(father, birth_date="1945"),
    ]
    found, _ = matched([*TOWN, father], [{"id": n, **person} for n, person in enumerate(people)])
    assert [row["status"] for row in found.values()] == ["review"] * 3 + ["accepted"] * 3
    assert {row["candidate_voter_id"] for row in list(found.values())[:3]} == {20}


def test_half_of_a_swapped_name_is_another_person() -> None:
    """Would have caught Mary Grant accepted as Grant Lee, and Mary Thomas as Thomas Thomas."""
    voters = [lodger(20, "Grant", "Lee", "1960-05-02"), lodger(21, "Thomas", "Thomas", "1961-05-02")]
    voters.append(lodger(22, "Scott", "Allen", "1970-08-07"))
    people = [
        as_contact(voters[0], first_name="Mary", last_name="Grant"),
        as_contact(voters[0], first_name="Lee", last_name="Parker"),
        as_contact(voters[1], first_name="Mary"),
        as_contact(voters[0], first_name="Lee", last_name="Grant"),
        as_contact(voters[2], first_name="Alen", last_name="Scott"),
    ]
    people = [{"id": n, **person} for n, person in enumerate(people)]
    assert answers(people, [*TOWN, *voters]) == [None, None, None, 20, 22]


@pytest.mark.parametrize("names", ["Joan John", "Donna Donald", "Mark Mary", "Donald Ronald", "Mason Jason"])
def test_two_given_names_are_two_persons(names: str) -> None:
    """Would have caught a wife, a brother or a son accepted because the given names look alike."""
    one, other = names.split()
    voter = lodger(20, other, "Hollister", "1950-03-04")
    assert answers([as_contact(voter, first_name=one)], [*TOWN, voter]) == [None]


def test_spellings_of_a_given_name_are_one_person() -> None:
    pairs = "Teresa Theresa, Catherine Kathryn, Stephen Steven, Sara Sarah, Jon John, Bryan Brian, Eric Erik, Ann Anna"
    pairs += ", Jeffrey Geoffrey, Marc Mark, Alan Allen, Lewis Louis, Gary Garry, Debra Deborah, Michele Michelle"
    pairs += ", Kristen Kristin, Christine Kristine, Jean Jeanne, Phillip Philip, Jsaon Jason, Maryann Mary"
    voters = [
        lodger(n, pair.split()[0], f"Hollister{'abcdefghijklmnopqrstuvwxyz'[n - 20]}", "1950-03-04")
        for n, pair in enumerate(pairs.split(", "), start=20)
    ]
    people = [
        {"id": n, **as_contact(voter, first_name=pair.split()[1])}
        for n, (voter, pair) in enumerate(zip(voters, pairs.split(", "), strict=True))
    ]
    assert answers(people, [*TOWN, *voters]) == [voter["id"] for voter in voters]


def test_a_street_line_without_a_place_is_an_address() -> None:
    """Would have caught a full name and a street that met nobody; another street of no place finds nobody."""
    voter = lodger(20, "Ignatius", "Corwin", "1951-02-03")
    told = {"first_name": "Ignatius", "last_name": "Corwin"}
    people = [{"state": "NC", **told, "address": line} for line in ("20 Test Street", "87 Elm Street")]
    assert answers(people, [*TOWN, voter]) == [20, None]


def test_a_written_suffix_prefers_who_bears_it() -> None:
    """Father without and son with a suffix, of one name, house and telephone."""
    father, son = lodger(20, "Wilfred", "Hartley", "1948-09-01"), lodger(21, "Wilfred", "Hartley", "1975-03-09")
    son = {**father, "id": 21, "birth_date": son["birth_date"], "suffix": "Jr"}
    assert answers([as_contact(father, last_name="Hartley Jr")], [*TOWN, father, son]) == [21]


def test_ids_are_checked_and_beat_the_model() -> None:
    """An id with the neighbour's name is not followed; without any name it is."""
    maria = {"state": "NC", "first_name": "Maria", "last_name": "Garcia", "address": "12 Oak St", "zip": "27601"}
    people = [{"state": "NC", "first_name": "Maria"}, maria, {"state": "NC", "phones": "3365550100"}, maria]
    found, _ = matched(VOTERS, people, ids=[(1, 12), (2, 1), (3, 4), (4, 99)])
    assert [(row["status"], row["method"], row["voter_id"]) for row in found.values()] == [
        ("accepted", "id", 12),
        ("review", "none", None),
        ("accepted", "id", 4),
        ("review", "none", None),
    ]
    assert [row["rule"] for row in found.values()] == [None, "id_conflict", None, "id_conflict"]


@pytest.mark.parametrize(("voters", "people"), [([], []), ([], TOWN), (TOWN, [])])
def test_empty_sides(voters: Sequence[Person], people: Sequence[Person]) -> None:
    """The first refresh has a voter file or contacts, not always both."""
    found, result = matched(voters, people)
    assert {row["status"] for row in found.values()} <= {"unmatched"}
    assert len(found) == len(people)
    assert result.calibration.estimated_precision is None


def large_town() -> tuple[list[Person], list[Person], list[tuple[int, int]]]:
    """300 voters, contacts of them damaged in turn, an id on every third."""
    firsts = (
        "Ann",
        "Bob",
        "Carla",
        "Dan",
        "Eve",
        "Finn",
        "Gia",
        "Hal",
        "Ida",
        "Jon",
        "Kim",
        "Lea",
        "Max",
        "Nia",
        "Otto",
    )
    lasts = (
        "Adams", "Baker", "Clark", "Diaz", "Evans", "Ford", "Gray", "Hill", "Irwin", "Jones", "King", "Lane", "Moss",
        "Nash", "Owen", "Pratt", "Quinn", "Ross",
    )  # fmt: skip
    voters: list[Person] = [
        {
            "id": n, "state": ("NC", "PA")[n % 2], "first_name": firsts[n * 7 % 15], "last_name": lasts[n * 11 % 18],
            "birth_date": f"{1940 + n * 13 % 65}-{n % 12 + 1:02d}-{n * 5 % 27 + 2:02d}",
            "address": f"{n // 3 + 1} Oak St", "zip": f"27{n % 6 + 600}", "phones": f"919{2000000 + n // 2 * 37}",
        }
        for n in range(1, 301)
    ]  # fmt: skip
    people: list[Person] = []
    for voter in voters:
        person: dict[str, Any] = {**voter, "id": 1000 + int(voter["id"])}
        damage = int(voter["id"]) % 5
        for name in (("phones",), ("birth_date",), ("address", "zip"), ("last_name",), ())[damage]:
            person[name] = None
        people.append(person)
    return voters, people, [(1000 + n, n) for n in range(3, 301, 3)]


def test_threads_row_order_and_repeats_change_nothing() -> None:
    """Stored weights, models and matches must not move between a laptop and a server, nor between two deliveries."""
    voters, people, ids = large_town()
    first, one = matched(voters, people, ids)
    for other_voters, other_people, threads in ((voters, people, 1), (voters[::-1], people[::-1], 2)):
        again, two = matched(other_voters, other_people, ids, threads=threads)
        assert again == first
        assert two.model.to_json() == one.model.to_json()
        assert two.calibration == one.calibration
    right = sum(row["voter_id"] == identity - 1000 for identity, row in first.items())
    wrong = sum(row["voter_id"] not in (None, identity - 1000) for identity, row in first.items())
    assert right > 270 and wrong == 0


def test_a_model_survives_its_json() -> None:
    voters, people, ids = large_town()
    _, result = matched(voters, people, ids)
    assert Model.from_json(result.model.to_json()) == result.model
    assert result.model.labels == 100
    assert result.model.spine == {"NC": 150, "PA": 150}
