"""Two persons are compared only if they share a key: a key that is missing is a match that cannot be found."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.matching.keys import KEYS_PER_BLOCK, blocking_keys, pair_up
from exchange.matching.standard import standardize
from exchange.matching.workbench import open_workbench
from tests.matching_persons import Person, put_persons


def pairs(voters: Iterable[Person], identities: Iterable[Person]) -> set[tuple[int, int]]:
    """(identity, voter) that are compared."""
    con = open_workbench()
    for side, persons in (("voters", voters), ("identities", identities)):
        put_persons(con, "raw", persons)
        standardize(con, "raw", side)
        blocking_keys(con, side, f"{side}_keys", ["NC", "PA"])
    pair_up(con, "identities_keys", "voters_keys", "pairs")
    return set(con.execute("select identity_id, voter_id from pairs").fetchall())


VOTER = {
    "id": 1, "state": "NC", "first_name": "William", "middle_name": "A", "last_name": "Garcia-Lopez",
    "birth_date": "1980-03-04", "address": "12 N Oak St", "city": "Durham", "zip": "27601",
    "phones": "9195550101 9195550102", "emails": "w@x.org",
}  # fmt: skip


def test_each_anchor_alone_brings_a_pair_together() -> None:
    """One row per way in; the last three have no anchor and must not meet anybody."""
    ways: list[dict[str, str]] = [
        {"phones": "(919) 555-0102"},
        {"emails": "W@X.ORG"},
        {"address": "12 north oak", "zip": "27601-9999"},
        {"address": "12 Oak Street", "city": "DURHAM"},
        {"last_name": "Lopez", "address": "12 Oak"},
        {"last_name": "Lopez", "birth_date": "3/4/1980"},
        {"first_name": "Bill", "birth_date": "19800304"},
        # names the wrong way round
        {"first_name": "Lopez", "last_name": "William", "birth_date": "1980-03-04"},
        {"first_name": "garcia lopez", "last_name": "x", "birth_date": "1980-03-04"},
        {"first_name": "William", "last_name": "Garcia Lopez", "birth_date": "1980"},
        {"first_name": "Billy", "last_name": "Garza", "zip": "27601"},
        {"first_name": "William", "last_name": "Garcia-Lopez"},
        {"first_name": "William", "zip": "27601"},
        {},
    ]
    people = [{"id": n, "state": "NC", **way} for n, way in enumerate(ways)]
    assert {identity for identity, _ in pairs([VOTER], people)} == set(range(len(ways) - 3))


def test_states_never_mix_and_no_state_means_any() -> None:
    """A Pennsylvanian namesake of the same birth date is another person."""
    voters = [VOTER, {**VOTER, "id": 2, "state": "PA"}]
    contact = {"first_name": "William", "last_name": "Lopez", "birth_date": "1980-03-04"}
    people = [{"id": 1, "state": "pa", **contact}, {"id": 2, **contact}, {"id": 3, "state": "OH", **contact}]
    assert pairs(voters, people) == {(1, 2), (2, 1), (2, 2)}


def test_a_crowded_key_blocks_nothing() -> None:
    """A call centre's number on 501 voters would bring 501 strangers to every contact of it."""
    crowd = [{"id": n, "state": "NC", "phones": "9195550101"} for n in range(KEYS_PER_BLOCK + 1)]
    contact = [{"state": "NC", "phones": "9195550101"}]
    assert pairs(crowd, contact) == set()
    assert len(pairs(crowd[1:], contact)) == KEYS_PER_BLOCK


def test_keys_are_the_same_for_ever() -> None:
    """Keys are stored: another version of DuckDB or of this code must not change them unseen."""
    con = open_workbench()
    put_persons(con, "raw", [{"id": 7, "state": "NC", "phones": "9195550101"}])
    standardize(con, "raw", "standard")
    blocking_keys(con, "standard", "keys", [])
    assert con.execute("select * from keys").fetchall() == [(7, 4242529383982431800, 1)]


FIELDS = {
    "first_name": ["Bill", "José"],
    "last_name": ["de la Cruz", "Lee"],
    "birth_date": ["1980", "1980-03-04"],
    "address": ["1 Elm St", "2 Oak Ave #3"],
    "city": ["Durham"],
    "zip": ["27601"],
    "phones": ["9195550101", "9195550101 9195550102"],
    "emails": ["a@b.org"],
}
PERSONS = st.fixed_dictionaries({name: st.sampled_from([None, *values]) for name, values in FIELDS.items()})


@settings(max_examples=6, deadline=None)
@given(st.lists(PERSONS, min_size=1, max_size=20))
def test_equal_persons_have_equal_keys(persons: list[Person]) -> None:
    """Whatever is filled: a person delivered twice, in another case, has the same keys, none of them twice."""
    doubles = [
        {name: value and value.upper() for name, value in person.items()} | {"id": 1000 + n, "state": "NC"}
        for n, person in enumerate(persons)
    ]
    people = [{**person, "id": n, "state": "NC"} for n, person in enumerate(persons)]
    con = open_workbench()
    put_persons(con, "raw", [*people, *doubles])
    standardize(con, "raw", "standard")
    blocking_keys(con, "standard", "keys", ["NC"])
    found: dict[int, list[int]] = {}
    for person, key in con.execute("select id, key from keys order by key").fetchall():
        found.setdefault(person, []).append(key)
    for n in range(len(persons)):
        assert found.get(n) == found.get(1000 + n)
        assert len(set(found.get(n, []))) == len(found.get(n, []))
