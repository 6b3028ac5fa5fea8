"""Ids are checked and rules hit only where nothing speaks against them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from exchange.matching.evidence import RULES, check_ids, choose_by_rule, find_rule_hits
from exchange.matching.standard import standardize
from exchange.matching.workbench import open_workbench
from tests.matching_persons import Person, put_persons

MARIA = {"first_name": "Maria", "last_name": "Garcia", "birth_date": "1980-03-04"}


def workbench(voters: Iterable[Person], identities: Iterable[Person]) -> Any:
    con = open_workbench()
    for side, persons in (("voters", voters), ("identities", identities)):
        put_persons(con, "raw", persons)
        standardize(con, "raw", side)
    return con


def test_an_id_is_taken_only_if_the_person_agrees() -> None:
    """A partner's spreadsheet slips by one row and every id points at the neighbour: all of them must be refused."""
    cases: list[tuple[dict[str, str], str]] = [
        ({"first_name": "MARIA", "last_name": "GARCIA"}, "agrees"),
        ({"first_name": "Mary", "last_name": "Garcia", "birth_date": "1980-03-04"}, "agrees"),
        # married: another surname, the same birth date
        ({"first_name": "Maria", "last_name": "Lopez", "birth_date": "1980-03-04"}, "agrees"),
        ({"first_name": "Maria", "last_name": "Garcia", "birth_date": "1980-03-05"}, "agrees"),
        ({"last_name": "Garcia"}, "agrees"),
        ({"birth_date": "3/4/1980"}, "agrees"),
        ({"first_name": "Garcia", "last_name": "Maria"}, "agrees"),
        # a first name in common and nothing else
        ({"first_name": "Maria", "last_name": "Kowalski", "birth_date": "1955-10-30"}, "disagrees"),
        # spoken to the husband: a person of his own
        ({"first_name": "Jose", "last_name": "Garcia"}, "disagrees"),
        ({"first_name": "Jose", "last_name": "Kowalski", "birth_date": "1980-03-04"}, "disagrees"),
        ({"last_name": "Garcia", "birth_date": "1955-10-30"}, "disagrees"),
        ({"birth_date": "1955"}, "disagrees"),
        # a birth date alone does not contradict an id: it is wrong more often than the id of a namesake is given
        ({"first_name": "Maria", "last_name": "Garcia", "birth_date": "2004-10-30"}, "agrees"),
        # one digit mistyped
        ({"first_name": "Maria", "last_name": "Garcia", "birth_date": "1960-03-04"}, "agrees"),
        ({"phones": "9195550101"}, "unchecked"),
        ({"birth_date": "1980"}, "unchecked"),
    ]
    people = [{"id": n, **person} for n, (person, _) in enumerate(cases)]
    con = workbench([{"id": 1, **MARIA}], [*people, {"id": 99, **MARIA}])
    con.execute(f"create table claimed as select i as identity_id, 1 as voter_id from range({len(cases)}) as t(i)")
    # 99 claims a voter who is not in the file
    con.execute("insert into claimed values (99, 7)")
    check_ids(con, "identities", "voters", "claimed", "checks")
    found = dict(con.execute("select identity_id, id_check from checks").fetchall())
    assert found.pop(99) == "disagrees"
    wrong = [(person, found[n], check) for n, (person, check) in enumerate(cases) if found[n] != check]
    assert wrong == []


def test_a_son_with_his_fathers_id_is_not_the_father() -> None:
    """Both suffixes are written, name and house are one."""
    con = workbench([SENIOR], [{"id": 1, "first_name": "John", "last_name": "Smith Jr"}])
    con.execute("create table claimed as select 1 as identity_id, 1 as voter_id")
    check_ids(con, "identities", "voters", "claimed", "checks")
    assert con.execute("select id_check from checks").fetchall() == [("disagrees",)]


def rule_hits(voters: Iterable[Person], person: Person) -> tuple[int, str] | None:
    """(voter, rule) of one person against all voters."""
    con = workbench(voters, [{"id": 1, **person}])
    con.execute("create table pairs as select 1::bigint as identity_id, id as voter_id from voters")
    find_rule_hits(con, "identities", "voters", "pairs", "hits")
    found = con.execute(choose_by_rule("hits")).fetchall()
    return (found[0][1], list(RULES)[found[0][2] - 1]) if found else None


HOME = {"address": "12 Oak St", "zip": "27601", "phones": "9195550101"}
SENIOR = {"id": 1, "first_name": "John", "last_name": "Smith", "suffix": "Sr", "birth_date": "1950-02-03", **HOME}
JUNIOR = {"id": 2, "first_name": "John", "last_name": "Smith", "suffix": "Jr", "birth_date": "1975-02-03", **HOME}


def test_father_and_son_of_one_name() -> None:
    """Name, address and phone are both men's: only a suffix or a birth date tells them apart."""
    john = {"first_name": "John", "last_name": "Smith", **HOME}
    assert rule_hits([SENIOR, JUNIOR], john) is None
    assert rule_hits([SENIOR, JUNIOR], {**john, "last_name": "Smith Jr."}) == (2, "phone_name")
    assert rule_hits([SENIOR, JUNIOR], {**john, "birth_date": "1950-02-03"}) == (1, "name_birth_date")
    assert rule_hits([SENIOR, JUNIOR], {**john, "birth_date": "1975"}) == (2, "phone_name")
    # the son is not registered: his birth year keeps his father's record from him
    assert rule_hits([SENIOR], {**john, "birth_date": "1975"}) is None
    assert rule_hits([{**SENIOR, "middle_name": "Adam"}], {**john, "middle_name": "B."}) is None


def test_rules_that_name_two_voters_name_nobody() -> None:
    """E-mail says one, phone the other: no rule decides."""
    voters = [
        {"id": 1, "first_name": "Ann", "last_name": "Lee", "emails": "ann@x.org"},
        {"id": 2, "first_name": "Ann", "last_name": "Lee", "phones": "9195550101"},
    ]
    ann = {"first_name": "Ann", "last_name": "Lee", "emails": "ann@x.org", "phones": "9195550101"}
    assert rule_hits(voters, ann) is None
    assert rule_hits(voters, {**ann, "phones": None}) == (1, "email_name")


def test_a_phone_and_a_first_name_make_no_rule() -> None:
    """Numbers are given to new owners, and half the Johns of a town are called John."""
    assert rule_hits([SENIOR], {"first_name": "John", "phones": "9195550101"}) is None


def test_nickname_and_birth_date() -> None:
    voter = {"id": 1, "first_name": "Robert", "last_name": "Jones", "birth_date": "1961-05-19"}
    assert rule_hits([voter], {"first_name": "Bob", "last_name": "Jones", "birth_date": "5/19/61"}) == (
        1,
        "nickname_birth_date",
    )
