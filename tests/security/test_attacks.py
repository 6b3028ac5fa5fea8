"""The attack suite: what somebody with a partner's login and every limit of its session lifted can get at.

What remains visible is listed, with the reason, in docs/threat-model.md.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.security.attacks import ATTACKS, VISIBLE, Attack
from tests.security.conftest import Doors
from tests.worlds.running import CONTRACT_VIEWS

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

MISSING = (
    errors.UndefinedObject,
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedFunction,
    errors.UndefinedFile,
    errors.FeatureNotSupported,
    errors.ObjectNotInPrerequisiteState,
)
LOOKUPS = 400
# both lookups do the same work: their median times differ by noise; a scan of hidden rows would double them
LARGEST_RATIO = 1.5


@dataclass(frozen=True)
class Attacker:
    """A partner that means ill, and what its statements may aim at."""

    doors: Doors
    partner_id: str
    targets: dict[str, str]

    def session(self) -> psycopg.Connection[dict[str, Any]]:
        connection = self.doors.exchange.connect_as(self.partner_id)
        # a partner may lift these for itself: they must not be what protects anything
        connection.execute("set default_transaction_read_only = off")
        connection.execute("set statement_timeout = 0")
        return connection

    def partition(self, schema: str, view: str = "voters") -> str:
        return partition_below(self.doors, schema, view)


@pytest.fixture(scope="module")
def attacker(doors: Doors) -> Attacker:
    """The partner that knows people by their state's voter id: it can name those that it is not shown."""
    partner = next(p for p in doors.registry.partners.values() if p.id_namespace == "state_voter_id")
    other = next(p for p in doors.partner_ids if p != partner.partner_id)
    own, theirs = doors.schema(partner.partner_id), doors.schema(other)
    with doors.exchange.connect_as_admin() as admin:
        row = admin.execute(
            "select %s::regclass::oid::text as number, %s::regclass::oid::text as own_number",
            [f"{theirs}.voters", partition_below(doors, own, "voters")],
        ).fetchone()
    assert row is not None
    targets = {
        "own": own,
        "other": theirs,
        "own_partition": partition_below(doors, own, "voters"),
        "other_partition": partition_below(doors, theirs, "voters"),
        "other_oid": row["number"],
        "own_partition_oid": str(row["own_number"]),
    }
    return Attacker(doors, partner.partner_id, targets)


def partition_below(doors: Doors, schema: str, view: str) -> str:
    with doors.exchange.connect_as_admin() as admin:
        row = admin.execute(
            """
            select refobjid::regclass::text as name from pg_depend
            join pg_rewrite on pg_rewrite.oid = objid
            where ev_class = %s::regclass and refobjid <> ev_class and refclassid = 'pg_class'::regclass
            limit 1
            """,
            [f"{schema}.{view}"],
        ).fetchone()
    assert row is not None, f"nothing lies below {schema}.{view}"
    return str(row["name"])


def outcome(connection: psycopg.Connection[dict[str, Any]], statement: str) -> str:
    """What came of a statement; rows that hold something are quoted."""
    try:
        found = connection.execute(statement)
        rows = found.fetchall() if found.description else None
    except errors.InsufficientPrivilege:
        return "refused"
    except MISSING:
        return "missing"
    except psycopg.Error as error:
        return f"{type(error).__name__}: {error}"
    if rows is None:
        return "harmless"
    told = [row for row in rows if any(value not in (None, False) for value in row.values())]
    return f"told {told[:3]}" if told else "empty"


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attempt_is_refused_or_comes_to_nothing(attacker: Attacker, attack: Attack) -> None:
    statement = attack.statement.format(**attacker.targets)
    with attacker.session() as session:
        assert outcome(session, statement) == attack.outcome, statement


@pytest.mark.parametrize(("what", "statement"), VISIBLE, ids=[what for what, _ in VISIBLE])
def test_what_remains_visible_is_as_the_threat_model_says(attacker: Attacker, what: str, statement: str) -> None:
    """It tells something, or the list is out of date; and it names no partner."""
    with attacker.session() as session:
        rows = session.execute(statement.format(**attacker.targets)).fetchall()
    assert rows, what
    text = "\n".join(str(value) for row in rows for value in row.values())
    partners = {partner: name for partner, name in attacker.doors.names.items() if partner != attacker.partner_id}
    found = [partner for partner, name in partners.items() if name in text or re.search(rf"\b{partner}\b", text)]
    assert found == [], what


def test_every_attempt_has_a_name_of_its_own() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


def test_rights_given_to_all_are_none(attacker: Attacker) -> None:
    """GRANT of what one may not give away passes with a warning."""
    with attacker.session() as session:
        session.execute("grant select on voters to public")
    with attacker.doors.exchange.connect_as_admin() as admin:
        row = admin.execute(
            "select relacl::text from pg_class where oid = %s::regclass", ["{own}.voters".format(**attacker.targets)]
        ).fetchone()
    assert row is not None and "{=" not in row["relacl"] and ",=" not in row["relacl"]


def test_the_search_path_leads_to_nothing_but_the_own_views(attacker: Attacker) -> None:
    own = attacker.targets["own"]
    with attacker.session() as session:
        before = session.execute("select * from voters order by 1").fetchall()
        session.execute("set search_path = {other}, published, marts, sharing, {own}".format(**attacker.targets))
        assert session.execute("select * from voters order by 1").fetchall() == before
        row = session.execute("select current_schemas(true)::text[] as found").fetchone()
    assert row is not None and row["found"] == ["pg_catalog", own]


def test_errors_tell_of_own_rows_only(attacker: Attacker) -> None:
    """An operator that fails on a row tells that the row was looked at: hidden ones must not even be looked at."""
    with attacker.session() as session:
        for view in ("voters", "voter_responses", "contacts", "suppressions"):
            rows = session.execute(f"select distinct person_id from {view}").fetchall()
            own = [row["person_id"] for row in rows]
            assert own, view
            probe = f"select count(1 / (person_id = any(%s))::int) as n from {view}"
            session.execute(probe, [own])
            with pytest.raises(errors.DivisionByZero):
                session.execute(probe, [own[1:]])
            with pytest.raises(errors.InvalidTextRepresentation) as told:
                session.execute(f"select ('x' || person_id)::int from {view}")
            quoted = re.search(r'"x(.*)"', str(told.value))
            assert quoted is not None and quoted.group(1) in own


@dataclass(frozen=True)
class Pair:
    """One person and one question."""

    state: str
    person_id: str
    question_code: str


@pytest.fixture(scope="module")
def hidden_and_absent(attacker: Attacker) -> tuple[Pair, Pair]:
    """Of one person: a question that was answered and is not shown to the attacker, and one nobody asked."""
    with attacker.doors.exchange.connect_as_admin() as admin:
        answered = {
            Pair(row["state"], row["state_voter_id"], row["question_code"])
            for row in admin.execute(
                "select distinct voters.state, voters.state_voter_id, answers.question_code"
                " from marts.responses_described as answers join marts.dim_voters as voters using (voter_id)"
            )
        }
        questions = [row["question_code"] for row in admin.execute("select question_code from vocabulary.questions")]
    with attacker.session() as session:
        shown = {
            Pair(row["state"], row["person_id"], row["question_code"])
            for row in session.execute("select distinct state, person_id, question_code from voter_responses")
        }
        people = {(row["state"], row["person_id"]) for row in session.execute("select state, person_id from voters")}
    for hidden in sorted(answered - shown, key=lambda pair: (pair.state, pair.person_id, pair.question_code)):
        for question in questions:
            absent = Pair(hidden.state, hidden.person_id, question)
            if (hidden.state, hidden.person_id) in people and absent not in answered | shown:
                return hidden, absent
    raise AssertionError("nothing is hidden from the attacker: this test sees nothing")


LOOKUP = "select * from voter_responses where person_id = %(person_id)s and question_code = %(question_code)s"


def test_a_plan_for_a_hidden_answer_is_that_for_one_never_given(
    attacker: Attacker, hidden_and_absent: tuple[Pair, Pair]
) -> None:
    """Estimates, rows and buffers; with the rows really fetched."""
    plans = []
    with attacker.session() as session:
        for pair in hidden_and_absent:
            # the first run fills caches
            for _ in range(2):
                explain = f"explain (analyze, verbose, buffers, timing off, summary off, format json) {LOOKUP}"
                row = session.execute(explain, vars(pair)).fetchone()
            assert row is not None
            plans.append(json.dumps(row["QUERY PLAN"]).replace(f"'{pair.question_code}'", "QUESTION"))
            assert session.execute(LOOKUP, vars(pair)).fetchall() == []
    assert plans[0] == plans[1]


def test_a_lookup_of_a_hidden_answer_takes_as_long_as_one_never_given(
    attacker: Attacker, hidden_and_absent: tuple[Pair, Pair]
) -> None:
    times: tuple[list[float], list[float]] = ([], [])
    with attacker.session() as session:
        for number in range(LOOKUPS * 2):
            which = number % 2
            started = perf_counter()
            session.execute(LOOKUP, vars(hidden_and_absent[which]))
            times[which].append(perf_counter() - started)
    ratio = median(times[0]) / median(times[1])
    assert 1 / LARGEST_RATIO < ratio < LARGEST_RATIO, f"{ratio:.2f}"


def test_no_more_than_twenty_sessions(attacker: Attacker) -> None:
    opened: list[psycopg.Connection[Any]] = []
    try:
        with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
            for _ in range(21):
                opened.append(attacker.session())
    finally:
        for connection in opened:
            connection.close()
    assert len(opened) == 20


def test_limits_hold_for_who_does_not_lift_them(attacker: Attacker) -> None:
    with attacker.doors.exchange.connect_as(attacker.partner_id) as session:
        shown = {
            name: next(iter((session.execute(f"show {name}").fetchone() or {}).values()), None)
            for name in ("statement_timeout", "idle_in_transaction_session_timeout", "temp_file_limit")
        }
        assert shown == {
            "statement_timeout": "5min",
            "idle_in_transaction_session_timeout": "10min",
            "temp_file_limit": "500MB",
        }
        session.execute("set statement_timeout = '50ms'")
        with pytest.raises(errors.QueryCanceled):
            session.execute("select pg_sleep(20)")


def test_who_lifts_its_limits_is_ended_by_the_next_refresh(attacker: Attacker, monkeypatch: Any) -> None:
    from exchange.warehouse import partner_roles

    with attacker.session() as session, attacker.doors.exchange.connect_as_admin() as admin:
        session.execute("set idle_in_transaction_session_timeout = 0")
        session.execute("begin; select * from voters")
        assert partner_roles.end_overdue_sessions(admin) == 0
        monkeypatch.setattr(partner_roles, "OVERDUE", "0 seconds")
        assert partner_roles.end_overdue_sessions(admin) == 1
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")


def test_suspending_ends_a_session_whatever_it_holds_open(attacker: Attacker) -> None:
    exchange = attacker.doors.exchange
    session = attacker.session()
    session.execute("begin")
    session.execute("declare kept cursor with hold for select * from voters")
    session.execute("fetch 1 from kept")
    exchange.command("partner", "suspend", attacker.partner_id)
    try:
        with pytest.raises(psycopg.OperationalError):
            session.execute("fetch 1 from kept")
        with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
            attacker.session()
    finally:
        exchange.command("partner", "suspend", attacker.partner_id, "--resume")
    attacker.session().close()


def withhold_everything_from(doors: Doors, partner_id: str) -> Iterator[None]:
    """Add a rule to the registry that hides everything of others; taken back at the end."""
    path = Path(doors.exchange.registry) / "sharing_rules.csv"
    before = path.read_text()
    columns = next(csv.reader(before.splitlines()))
    rule = dict.fromkeys(columns, "") | {
        "rule_id": "rule-of-the-attack-suite",
        "effect": "withhold",
        "contributor": "*",
        "recipient": partner_id,
        **dict.fromkeys(("subject", "question_code", "office_level", "state", "channel"), "*"),
        "attribution": "blind",
        "date_precision": "two_months",
    }
    with path.open("a", newline="") as file:
        csv.DictWriter(file, columns, lineterminator="\n").writerow(rule)
    yield
    path.write_text(before)


@pytest.fixture
def everything_withheld(attacker: Attacker) -> Iterator[None]:
    yield from withhold_everything_from(attacker.doors, attacker.partner_id)


def test_a_prepared_statement_shows_what_the_newest_publication_shows(
    attacker: Attacker, everything_withheld: None
) -> None:
    """Prepared, planned and kept by the session while its permissions change: nothing old, no name of what is new."""
    exchange = attacker.doors.exchange
    with exchange.connect_as_admin() as admin:
        row = admin.execute("select max(as_of) as instant from published.publication").fetchone()
    assert row is not None
    session = attacker.session()
    session.execute("set plan_cache_mode = force_generic_plan")
    session.execute("prepare kept as select * from voter_responses where not is_own")
    session.execute("prepare count_kept as select count(*) as n from contacts where not is_own")
    assert session.execute("execute kept").fetchall() != []
    exchange.refresh(row["instant"])
    try:
        seen = session.execute("execute kept").fetchall()
        counted = session.execute("execute count_kept").fetchall()
        assert (seen, counted) == ([], [{"n": 0}])
    except psycopg.OperationalError as error:
        # its permissions are others: the session was ended, and so is what it had prepared
        assert named(attacker, str(error)) == []
    except psycopg.Error as error:
        assert named(attacker, str(error)) == []
        with attacker.session() as again:
            assert again.execute("select * from voter_responses where not is_own").fetchall() == []
    finally:
        session.close()
    with attacker.session() as again:
        assert again.execute("select * from voter_responses where not is_own").fetchall() == []
        own = exchange.views(attacker.partner_id, CONTRACT_VIEWS)
    assert own["voters"], "the attacker's own views must go on working"


def named(attacker: Attacker, text: str) -> list[str]:
    """Other partners and partitions that a message names."""
    schemas = attacker.doors.other_schemas(attacker.partner_id)
    names = [name for partner, name in attacker.doors.names.items() if partner != attacker.partner_id]
    return [found for found in [*schemas, *names, "published."] if found in text]
