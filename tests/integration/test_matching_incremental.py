"""Incremental runs give what a first run over the same data gives, exactly; and no crash loses work."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from exchange import matching
from exchange.matching import decided, scores, work
from exchange.settings import Settings
from tests.matching_store import Row, Store, contact, crowd, forget_everything, person
from tests.servers import fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with running_warehouse(fresh_settings(tmp_path_factory.mktemp("incremental"))) as settings:
        yield settings


@pytest.fixture
def warehouse(server: Settings) -> Settings:
    forget_everything(server)
    return server


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "LOOKUP_BATCH", 40)
    monkeypatch.setattr(work, "WHOLE_STATE_BATCH", 50)


def state(town: Store) -> dict[str, list[Row]]:
    """Everything matching stores about people, but for which run wrote it."""
    return {
        "voter": town.rows("select * from matching.voter order by voter_id"),
        "voter_key": town.rows("select * from matching.voter_key order by key, voter_id"),
        "spine_size": town.rows("select * from matching.spine_size order by state"),
        "identity": town.rows("select * from matching.identity order by identity_id"),
        "identity_key": town.rows("select * from matching.identity_key order by key, identity_id"),
        "score": town.rows("select * from matching.score order by identity_id"),
        "candidate": town.rows("select * from matching.candidate order by identity_id, rank"),
        "due": town.rows("select * from matching.due order by identity_id"),
        "matches": [
            {name: value for name, value in row.items() if name not in {"run_id", "changed_run_id"}}
            for row in town.rows("select * from matching.matches order by feed_id, identity_key")
        ],
    }


def match(town: Store, **how: Any) -> matching.MatchRun:
    """All steps, with the model there is."""
    town.build()
    matching.sync_voters(town.settings)
    matching.sync_identities(town.settings)
    return matching.make_matches(town.settings, **how)


def match_anew(town: Store) -> matching.MatchRun:
    """The same from nothing but the model and the numbers of the identities."""
    for table in ("voter", "voter_key", "spine_size", "identity_key", "score", "candidate", "due", "matches", "run"):
        town.run(f"truncate matching.{table}")
    town.run("update matching.identity set digest = null, keys = '{}', id_voter_id = null, first_name = 'stale'")
    return match(town)


def shake(town: Store, chance: random.Random, new: int) -> None:
    """A month: voters move, leave, come and are corrected; feeds learn, forget and lose people."""
    for voter_id in chance.sample(sorted(town.voters), 12):
        word = chance.choice(["leaves", "moves", "corrected", "unchanged", "other"])
        if word == "leaves":
            del town.voters[voter_id]
        elif word == "moves":
            town.voters[voter_id] |= {"address": f"{chance.randint(1, 400)} New St", "zip": "27599"}
        elif word == "corrected":
            # no key has the middle name in it: the weight moves all the same
            town.voters[voter_id]["middle_name"] = chance.choice(["Quincy", None])
        elif word == "unchanged":
            town.voters[voter_id]["city"] = str(town.voters[voter_id]["city"]).upper()
        else:
            town.voters[voter_id] = person(chance, chance.choice(["NC", "FL"]))
    for voter_id in range(new, new + 6):
        town.voters[voter_id] = person(chance, chance.choice(["NC", "FL", "SC"]))
    for key in chance.sample(sorted(town.identities), 8):
        word = chance.choice(["lost", "learns", "gets id", "loses id"])
        if word == "lost":
            del town.identities[key]
        elif word == "learns":
            town.identities[key]["phones"] = "9195550000"
        else:
            town.identities[key]["id_voter_id"] = chance.choice(sorted(town.voters)) if word == "gets id" else None
    for number in range(new, new + 6):
        town.identities["canvass", f"n{number}"] = contact(chance, town.voters[chance.choice(sorted(town.voters))])


@pytest.mark.parametrize("share", [0.02, 2.0])
def test_increments_equal_a_first_run(
    warehouse: Settings, monkeypatch: pytest.MonkeyPatch, small_batches: None, share: float
) -> None:
    """Would catch a pair that is missed because its voter moved, a stale weight, a key that stayed behind."""
    monkeypatch.setattr(work, "WHOLE_STATE_SHARE", share)
    # 1 in 3 keys is too common, and some become so, or stop being so, from month to month
    monkeypatch.setattr("exchange.matching.keys.KEYS_PER_BLOCK", 4)
    town = crowd(warehouse, 500, 160, seed=3, states=("NC", "NC", "FL"))
    town.match()
    chance = random.Random(5)
    scored = []
    for month in range(3):
        shake(town, chance, new=1000 + 10 * month)
        scored.append(match(town).scored)
    assert all(6 <= n < 150 for n in scored), "some, not everybody"
    incremental = state(town)
    assert incremental["due"] == []
    full = match(town, full=True)
    assert full.changed == 0 and full.scored == len(town.identities)
    assert state(town) == incremental
    match_anew(town)
    assert state(town) == incremental


def test_a_voter_who_moved_makes_due_only_who_shares_a_key(warehouse: Settings) -> None:
    town = crowd(warehouse, 400, 120)
    town.match()
    [voter] = town.rows("select min(id_voter_id) as id from matching.identity")
    town.voters[voter["id"]]["middle_name"] = "Quincy"
    due = {
        row["identity_id"]
        for row in town.rows(
            """
            select identity_id from matching.identity_key
            where key in (select unnest(keys) from matching.voter where voter_id = %s)
            union
            select identity_id from matching.identity where id_voter_id = %s
            """,
            voter["id"],
            voter["id"],
        )
    }
    assert 0 < len(due) < 60
    town.build()
    assert matching.sync_voters(warehouse).due == len(due)
    assert {row["identity_id"] for row in town.rows("select * from matching.due")} == due
    assert matching.make_matches(warehouse).scored == len(due)
    assert town.rows("select * from matching.due") == []


def test_an_identity_without_state_follows_a_new_state(warehouse: Settings) -> None:
    """Its keys are those of every state of the spine: would catch keys made before the state came."""
    town = crowd(warehouse, 300, 20)
    somebody = {**person(random.Random(77)), "first_name": "Zebedee", "last_name": "Quill"}
    town.identities["canvass", "somebody"] = {**somebody, "state": None}
    town.match()
    assert town.matched("somebody")["status"] == "unmatched"
    town.voters[5000] = {**somebody, "state": "VT"}
    town.match()
    assert town.matched("somebody")["voter_id"] == 5000


def test_the_voter_of_an_identity_changes(warehouse: Settings) -> None:
    """Exactly one row stays, and tells the run in which its voter changed; nobody else's row does."""
    town = crowd(warehouse, 400, 120)
    known = {**person(random.Random(78)), "first_name": "Zebedee", "last_name": "Quill"}
    town.voters[5000] = known
    town.identities["canvass", "z"] = dict(known)
    first = town.match()
    assert (town.matched("z")["voter_id"], town.matched("z")["changed_run_id"]) == (5000, first.run_id)
    del town.voters[5000]
    town.voters[5001] = dict(known)
    second = match(town)
    assert (town.matched("z")["voter_id"], town.matched("z")["changed_run_id"]) == (5001, second.run_id)
    assert second.moved == 1
    del town.voters[5001]
    third = match(town)
    row = town.matched("z")
    assert (row["status"], row["voter_id"], row["changed_run_id"]) == ("unmatched", None, third.run_id)
    assert town.rows("select count(*) as n from matching.matches") == [{"n": 121}]


class Killed(Exception):
    pass


def test_a_crash_loses_nothing(warehouse: Settings, monkeypatch: pytest.MonkeyPatch, small_batches: None) -> None:
    """Killed in the second batch, then while it decides: the next run does the rest and comes to the same."""
    monkeypatch.setattr(work, "WHOLE_STATE_SHARE", 2.0)
    town = crowd(warehouse, 500, 160, seed=6)
    town.match()
    shake(town, random.Random(6), 1000)
    for key in sorted(town.identities)[:90]:
        town.identities[key]["phones"] = "9195551234"
    town.build()
    matching.sync_voters(warehouse)
    due = matching.sync_identities(warehouse).due
    assert due > 80
    real = scores.summarize
    calls = []

    def second_dies(*values: Any, **named: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        real(*values, **named)

    with monkeypatch.context() as patch:
        patch.setattr(scores, "summarize", second_dies)
        with pytest.raises(Killed):
            matching.make_matches(warehouse)
    assert town.rows("select count(*) as n from matching.due") == [{"n": due - 40}], "the first batch is done"

    def dies(*values: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(decided, "write_matches", dies)
        with pytest.raises(Killed):
            matching.make_matches(warehouse)
    assert town.rows("select count(*) as n from matching.due") == [{"n": 0}]
    last = matching.make_matches(warehouse)
    assert last.scored == 0 and last.changed > 0, "matches follow scores of a run that died"
    reached = state(town)
    match_anew(town)
    assert state(town) == reached


def test_two_runs_wait_for_each_other(warehouse: Settings) -> None:
    town = crowd(warehouse, 300, 60)
    town.match()
    told: list[matching.MatchRun] = []
    threads = [
        threading.Thread(target=lambda: told.append(matching.make_matches(warehouse, full=True))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(run.scored for run in told) == [60, 60]
    assert len({run.run_id for run in told}) == 2
