"""The state of matching in Postgres: it follows what dbt built, and finds candidates the same way however it looks."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from psycopg import sql

from exchange import matching
from exchange.errors import ExchangeError
from exchange.matching import candidates, keys, models, work
from exchange.matching.session import Session, open_session
from exchange.matching.transfer import fetch, store
from exchange.settings import Settings
from tests.matching_store import Store, crowd, forget_everything, person
from tests.servers import fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with running_warehouse(fresh_settings(tmp_path_factory.mktemp("store"))) as settings:
        yield settings


@pytest.fixture
def warehouse(server: Settings) -> Settings:
    forget_everything(server)
    return server


def sync(crowded: Store) -> tuple[matching.VoterSync, matching.IdentitySync]:
    crowded.build()
    return matching.sync_voters(crowded.settings), matching.sync_identities(crowded.settings)


def test_nothing_to_read_is_told(warehouse: Settings) -> None:
    for table in ("int_voters__matchable", "int_identities", "int_voter_keys"):
        with open_session(warehouse) as session:
            session.conn.execute(sql.SQL("drop table if exists {}").format(sql.Identifier("intermediate", table)))
    for step in (matching.sync_voters, matching.sync_identities, matching.make_matches):
        with pytest.raises(ExchangeError, match="exchange refresh"):
            step(warehouse)


def test_sync_takes_only_what_moved(warehouse: Settings) -> None:
    """Would catch a reload that standardises everybody, and one that misses a change or a removal."""
    town = crowd(warehouse, 300, 40)
    voters, identities = sync(town)
    assert (voters.new, voters.unchanged, voters.states) == (300, 0, {"NC": 300})
    assert (identities.new, identities.due) == (40, 40)
    voters, identities = sync(town)
    assert (voters.new, voters.changed, voters.removed, voters.unchanged) == (0, 0, 0, 300)
    assert (identities.new, identities.changed, identities.removed, identities.unchanged) == (0, 0, 0, 40)

    town.match()
    numbers = {row["identity_key"]: row["identity_id"] for row in town.rows("select * from matching.identity")}
    town.voters[1]["last_name"] = "Changed"
    town.voters[2]["city"] = town.voters[2]["city"].upper()
    del town.voters[3]
    town.voters[301] = person(random.Random(9))
    town.identities["canvass", "p1"]["first_name"] = "Zelda"
    del town.identities["canvass", "p2"]
    town.identities["canvass", "new"] = dict(town.identities["canvass", "p3"])
    voters, identities = sync(town)
    assert (voters.new, voters.changed, voters.moved, voters.removed) == (1, 2, 1, 1), "upper case is no other city"
    assert (identities.new, identities.changed, identities.removed) == (1, 1, 1)
    now = {row["identity_key"]: row["identity_id"] for row in town.rows("select * from matching.identity")}
    assert {key: number for key, number in numbers.items() if key != "p2"}.items() <= now.items()
    gone = numbers["p2"]
    for table in ("score", "candidate", "identity_key", "due"):
        with open_session(warehouse) as session:
            query = sql.SQL("select count(*) from {} where identity_id = %s").format(sql.Identifier("matching", table))
            assert session.conn.execute(query, [gone]).fetchone() == (0,), table
    assert town.rows("select from matching.matches where identity_key = 'p2'") == []


def test_keys_are_those_of_the_engine(warehouse: Settings) -> None:
    """The key tables agree with the arrays beside the rows, after loading and after every kind of change."""
    town = crowd(warehouse, 200, 60, states=("NC", "FL"))
    sync(town)
    chance = random.Random(4)
    for voter_id in range(1, 100, 7):
        town.voters[voter_id] = person(chance, "FL")
    for voter_id in range(2, 100, 7):
        del town.voters[voter_id]
    town.voters[999] = person(chance, "SC")
    sync(town)
    for side in ("voter", "identity"):
        with open_session(warehouse) as session:
            query = sql.SQL(
                """
                with beside as (select {id}, unnest(keys) as key from matching.{side}),
                listed as (select {id}, key from matching.{keys})
                (table beside except table listed) union all (table listed except table beside)
                """
            ).format(id=sql.Identifier(f"{side}_id"), side=sql.Identifier(side), keys=sql.Identifier(f"{side}_key"))
            assert session.conn.execute(query).fetchall() == [], side
    [row] = town.rows(
        "select count(*) as people, count(*) filter (where cardinality(keys) > 0) as keyed from matching.identity"
        " where state is null"
    )
    assert row["people"] > 0 and row["keyed"] > 0, "a person without a state has keys of all states"


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\x1f"), max_size=12) | st.none()


@given(
    rows=st.lists(
        st.tuples(
            TEXT, st.lists(TEXT.filter(lambda t: bool(t)), max_size=3) | st.none(), st.integers(-9, 9), st.booleans()
        ),
        max_size=8,
    )
)
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_travel_unchanged(session: Session, rows: list[tuple[object, ...]]) -> None:
    """Would catch '' becoming null, and a quote, comma or line break in a name breaking a row."""
    columns = {"id": "bigint", "word": "text", "words": "text[]", "small": "smallint", "fact": "boolean"}
    con = session.con
    con.execute(f"create or replace table sent ({', '.join(f'{n} {k}' for n, k in columns.items())})")
    sent = [(position, *row) for position, row in enumerate(rows)]
    if sent:
        con.executemany("insert into sent values (?, ?, ?, ?, ?)", sent)
    session.conn.execute("drop table if exists pg_temp.there")
    session.conn.execute("create temp table there (id bigint, word text, words text, small smallint, fact boolean)")
    assert store(session, "select * from sent", sql.SQL("pg_temp.there"), columns) == len(rows)
    assert fetch(session, sql.SQL("select * from pg_temp.there"), "back", columns) == len(rows)
    assert con.execute("select * from back order by id").fetchall() == sent


@pytest.fixture
def session(server: Settings) -> Iterator[Session]:
    with open_session(server) as opened:
        yield opened


def all_pairs(warehouse: Settings, share: float) -> set[tuple[int, int]]:
    """Every pair of every identity, by looking up keys (share above 1) or with whole states copied out (0)."""
    with pytest.MonkeyPatch.context() as patch, open_session(warehouse) as session:
        patch.setattr(work, "WHOLE_STATE_SHARE", share)
        patch.setattr(work, "LOOKUP_BATCH", 17)
        patch.setattr(work, "WHOLE_STATE_BATCH", 23)
        _, batches = work.plan(session, 1, full=True)
        assert len(batches) > 2
        assert all(bool(batch.whole_states) == (share == 0) for batch in batches)
        found: set[tuple[int, int]] = set()
        for batch in batches:
            candidates.gather(session, batch)
            found |= set(session.con.execute("select identity_id, voter_id from batch_pairs").fetchall())
            missing = "select voter_id from batch_pairs anti join batch_voters on voter_id = id"
            assert session.con.execute(missing).fetchall() == []
        return found


@pytest.mark.parametrize(("most", "seed"), [(500, 1), (3, 2), (1, 3), (7, 4)])
def test_candidates_are_the_same_either_way(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch, most: int, seed: int
) -> None:
    """And the same as by definition: a common key of at most `most` voters, or the voter of an id."""
    monkeypatch.setattr(keys, "KEYS_PER_BLOCK", most)
    town = crowd(warehouse, 400, 120, seed=seed, states=("NC", "FL", "SC"))
    # an id may lead to somebody in another state, without any common key, or whom nobody may be matched with
    town.identities["canvass", "p1"].update(
        state="NC", id_voter_id=next(v for v, r in town.voters.items() if r["state"] == "FL")
    )
    town.identities["canvass", "blank"] = {"state": "NC", "id_voter_id": 5}
    town.identities["canvass", "gone"] = {"state": "NC", "id_voter_id": 4711}
    town.keys[4711] = ("NC", "NC004711")
    sync(town)
    defined = town.rows(
        """
        select identity_id, voter_id
        from matching.identity_key
        inner join (
            select key, voter_id, count(*) over (partition by key) as owners from matching.voter_key
        ) as voter_key using (key)
        where owners <= %s
        union
        select identity_id, id_voter_id from matching.identity
        where id_voter_id in (select voter_id from matching.voter)
        """,
        most,
    )
    expected = {(row["identity_id"], row["voter_id"]) for row in defined}
    assert all_pairs(warehouse, 2.0) == expected
    assert all_pairs(warehouse, 0) == expected


def test_a_lookup_reads_indexes_only(warehouse: Settings) -> None:
    """Would catch the plan that reads the whole spine to look up a few people."""
    town = crowd(warehouse, 20_000, 200)
    sync(town)
    with open_session(warehouse) as session:
        work.plan(session, 1, full=True)
        session.conn.execute("create temp table wanted as select generate_series(1, 15000) as voter_id")
        session.conn.execute("analyze pg_temp.wanted")
        for query in (candidates.hits_query(0), candidates.voters_query()):
            lines = session.conn.execute(sql.SQL("explain {}").format(query)).fetchall()
            plan = "\n".join(line for (line,) in lines)
            assert "Seq Scan on voter" not in plan, plan
            if "voter_key" in plan:
                assert "Index Only Scan using voter_key_pkey on voter_key" in plan


def test_nothing_due_is_quick_and_imports_no_splink(warehouse: Settings) -> None:
    town = crowd(warehouse, 2000, 500)
    first = town.match()
    assert first.scored == 500
    script = f"""
import sys, time
import exchange.matching as matching
assert not {{"duckdb", "splink"}} & set(sys.modules)
from exchange.settings import Settings
settings = Settings(home={str(warehouse.home)!r}, database_url=None)
started = time.monotonic()
voters, people = matching.sync_voters(settings), matching.sync_identities(settings)
status, run = matching.ensure_model(settings), matching.make_matches(settings)
assert not {{"splink", "exchange.matching.training"}} & set(sys.modules)
assert (voters.new, voters.changed, people.due, status.is_new, run.scored, run.changed) == (0, 0, 0, False, 0, 0)
print(time.monotonic() - started)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 5, "0.4 s on an idle machine"
    again = matching.make_matches(warehouse)
    assert (again.counts, again.threshold, again.moved) == (first.counts, first.threshold, 0)
    assert town.rows("select count(*) as n from matching.matches where run_id > %s", first.run_id) == [{"n": 0}]


def test_a_model_is_trained_when_there_is_a_reason(warehouse: Settings) -> None:
    town = crowd(warehouse, 400, 100)
    sync(town)
    with pytest.raises(ExchangeError, match="exchange match train"):
        matching.make_matches(warehouse)
    first = matching.ensure_model(warehouse)
    assert (first.version, first.is_new, first.spine) == (1, True, {"NC": 400})
    assert matching.ensure_model(warehouse).version == 1
    same = matching.ensure_model(warehouse, retrain=True)
    assert (same.version, same.is_new) == (1, False), "the same data and seed give the same model"
    matching.make_matches(warehouse)

    chance = random.Random(2)
    town.voters |= {1000 + number: person(chance) for number in range(110)}
    sync(town)
    grown = matching.ensure_model(warehouse)
    assert (grown.version, grown.is_new) == (2, True) and "400" in grown.reason and "510" in grown.reason
    assert matching.make_matches(warehouse).scored == 100, "another model scores everybody"
    for _ in range(3):
        town.voters[1] = person(chance)
        sync(town)
        matching.ensure_model(warehouse, retrain=True)
    kept = town.rows(
        "select version, count(*) filter (where field is not null) > 0 as counted"
        " from matching.model left join matching.frequency using (version) group by version order by 1"
    )
    assert kept == [{"version": version, "counted": True} for version in (3, 4, 5)]


@pytest.mark.parametrize(
    ("labels", "claims_then", "claims_now", "is_reason"),
    [(100, 110, 219, False), (100, 110, 220, True), (600, 650, 5000, False), (0, 0, 49, False), (0, 0, 50, True)],
)
def test_few_labels_that_became_many_are_a_reason(
    labels: int, claims_then: int, claims_now: int, is_reason: bool
) -> None:
    last = {"recipe": models.recipe(), "spine": {"NC": 100}, "labels": labels, "claims": claims_then}
    assert (models.reason_to_train(last, {"NC": 120}, claims_now) is not None) == is_reason


@contextmanager
def other_code() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in ("deltas", "models", "run"):
            patch.setattr(f"exchange.matching.{module}.recipe", lambda: "other")
        yield


def test_other_code_makes_everything_anew(warehouse: Settings) -> None:
    """Would catch an upgrade after which old and new standard rows, or weights, lie side by side."""
    town = crowd(warehouse, 300, 60)
    town.match()
    with other_code():
        with pytest.raises(ExchangeError, match="another version of the code"):
            matching.make_matches(warehouse)
        voters, identities = sync(town)
        assert (voters.changed, voters.moved, identities.changed) == (300, 0, 60)
        assert matching.ensure_model(warehouse).is_new
        assert matching.make_matches(warehouse).scored == 60
