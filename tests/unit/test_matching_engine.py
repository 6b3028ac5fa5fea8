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
