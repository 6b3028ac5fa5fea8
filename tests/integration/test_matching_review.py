"""A person's decision wins and stays; what comes out for people and for measuring; the commands around it."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange import matching
from exchange.errors import ExchangeError
from exchange.settings import Settings
from exchange.warehouse.connection import connect
from tests.matching_store import Row, Store, crowd, forget_everything, person
from tests.servers import fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with running_warehouse(fresh_settings(tmp_path_factory.mktemp("review"))) as settings:
        yield settings


@pytest.fixture
def town(server: Settings) -> Store:
    """Some voters; brothers who share all that a feed knows, but for the first name, which the feed lacks."""
    forget_everything(server)
    made = crowd(server, 300, 60)
    brother = {
        **person(random.Random(1)),
        "last_name": "Quill",
        "phones": "9195550001",
        "zip": "27777",
        "middle_name": None,
    }
    made.voters[901] = {**brother, "first_name": "Amos", "birth_date": "1960-02-03", "suffix": None}
    made.voters[902] = {**brother, "first_name": "Bert", "birth_date": "1962-04-05", "suffix": None}
    contact = {name: brother[name] for name in ("state", "last_name", "phones", "address", "zip")}
    made.identities["canvass", "brother"] = contact
    made.identities["phones, inc", 'odd "key"'] = {**contact, "first_name": "Amos"}
    made.match()
    return made


def voter(town: Store, voter_id: int) -> dict[str, str]:
    state, state_voter_id = town.keys[voter_id]
    return {"state": state, "state_voter_id": state_voter_id}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def decide(town: Store, path: Path, *rows: dict[str, str]) -> matching.Import:
    blank = {"feed_id": "canvass", "source_person_id": "brother", "state": "", "state_voter_id": "", "decision": ""}
    return matching.import_review(town.settings, write(path, [blank | row for row in rows]), "ann")


def outcome(town: Store, key: str = "brother") -> tuple[str, str, Any]:
    row = town.matched(key)
    return row["status"], row["method"], row["voter_id"]


def test_the_queue_goes_out_and_comes_back(town: Store, tmp_path: Path) -> None:
    assert outcome(town)[0] == "review"
    out = tmp_path / "queue.csv"
    done = matching.export_review(town.settings, out)
    rows = read(out)
    assert (done.rows, done.identities, done.waiting) == (len(rows), done.waiting, done.identities)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    mine = [row for row in rows if row["source_person_id"] == "brother"]
    assert {row["state_voter_id"] for row in mine} == {town.keys[901][1], town.keys[902][1]}
    assert {row["voter_first_name"] for row in mine} == {"Amos", "Bert"}
    assert {row["contact_last_name"] for row in mine} == {"Quill"} and {row["decision"] for row in mine} == {""}
    assert [row["candidate"] for row in mine] == ["1", "2"]
    for row in mine:
        is_bert = row["voter_first_name"] == "Bert"
        row |= {"decision": "match" if is_bert else "no_match", "note": 'he said, "it\'s me"'}
    told = matching.import_review(town.settings, write(tmp_path / "decided.csv", rows), " ann ")
    assert (told.matched, told.refused, told.blank) == (1, 1, len(rows) - 2)
    town.match()
    assert outcome(town) == ("accepted", "review", 902)
    limited = matching.export_review(town.settings, out, limit=1)
    assert limited.identities <= 1 and len({row["source_person_id"] for row in read(out)}) <= 1


def test_a_decision_survives(town: Store, tmp_path: Path) -> None:
    """Reruns, a full run, a spine that is loaded afresh, and matching's own state being lost."""
    decide(town, tmp_path / "d.csv", {**voter(town, 902), "decision": "match"})
    town.match()
    town.match(full=True)
    assert outcome(town) == ("accepted", "review", 902)
    for row in town.voters.values():
        row["city"] = "Newtown"
    town.match()
    assert outcome(town) == ("accepted", "review", 902)
    for table in ("voter", "voter_key", "identity", "identity_key", "score", "candidate", "matches", "run", "due"):
        town.run(f"truncate matching.{table}")
    town.match()
    assert outcome(town) == ("accepted", "review", 902)


def test_a_match_wins_over_an_id(town: Store, tmp_path: Path) -> None:
    [one] = town.rows("select identity_key, voter_id from matching.matches where method = 'id' order by 1 limit 1")
    other = next(v for v in town.voters if v != one["voter_id"])
    decide(
        town, tmp_path / "d.csv", {"source_person_id": one["identity_key"], **voter(town, other), "decision": "match"}
    )
    run = town.match()
    assert outcome(town, one["identity_key"]) == ("accepted", "review", other)
    assert (run.scored, run.changed, run.moved) == (0, 1, 1), "a match needs no new score"
    decide(town, tmp_path / "d.csv", {"source_person_id": one["identity_key"], "decision": "no_match"})
    assert town.match().moved == 1
    assert outcome(town, one["identity_key"]) == ("unmatched", "review", None)


def test_no_match_with_one_voter_leaves_the_others(town: Store, tmp_path: Path) -> None:
    """Not Amos, so Bert has all the evidence; not Bert either, so nobody."""
    decide(town, tmp_path / "d.csv", {**voter(town, 901), "decision": "no_match"})
    assert town.match().scored == 1, "only this identity's candidates changed"
    row = town.matched("brother")
    assert row["candidate_voter_id"] == 902 and row["runner_up_voter_id"] is None
    decide(town, tmp_path / "d.csv", {**voter(town, 902), "decision": "no_match"})
    town.match()
    assert outcome(town)[::2] == ("unmatched", None)
    assert len(town.rows("select from ops.match_review")) == 2
    full = town.match(full=True)
    assert full.changed == 0
    decide(town, tmp_path / "d.csv", {**voter(town, 902), "decision": "match"})
    town.match()
    assert outcome(town) == ("accepted", "review", 902)
    [kept] = town.rows("select * from ops.match_review where decision = 'no_match'")
    assert kept["state_voter_id"] == town.keys[901][1], "what nobody contradicted stays"
    decide(town, tmp_path / "d.csv", {"decision": "no_match"})
    town.match()
    assert outcome(town) == ("unmatched", "review", None)
    assert len(town.rows("select from ops.match_review")) == 1


def test_a_decision_about_somebody_who_left_is_stale(town: Store, tmp_path: Path) -> None:
    decide(town, tmp_path / "d.csv", {**voter(town, 902), "decision": "match"})
    town.match()
    bert = town.voters.pop(902)
    run = town.match()
    assert run.stale_reviews == 1
    assert outcome(town)[1:] != ("review", 902)
    out = tmp_path / "queue.csv"
    assert matching.export_review(town.settings, out).stale == (f"canvass brother: NC {town.keys[902][1]}",)
    town.voters[902] = bert
    assert town.match().stale_reviews == 0
    assert outcome(town) == ("accepted", "review", 902)


WRONG: list[tuple[str, list[Row], str]] = [
    ("unknown identity", [{"source_person_id": "nobody", "decision": "no_match"}], r"line 2: No feed delivers"),
    ("unknown feed", [{"feed_id": "texts", "decision": "no_match"}], r"line 2: No feed delivers"),
    ("unknown voter", [{"state": "NC", "state_voter_id": "X1", "decision": "match"}], r"line 2: No voter file"),
    ("voter of another state", [{"id": 901, "state": "FL", "decision": "match"}], r"line 2: No voter file"),
    ("protected voter", [{"id": 950, "decision": "match"}], r"line 2: Nobody may be matched.*protected"),
    ("two matches", [{"id": 901, "decision": "match"}, {"id": 902, "decision": "match"}], r"line 3: .* line 2 too"),
    ("both", [{"id": 901, "decision": "match"}, {"id": 901, "decision": "no_match"}], r"line 3: .* see line 2"),
    ("somebody and nobody", [{"id": 901, "decision": "match"}, {"decision": "no_match"}], r"line 3: .* line 2"),
    ("unknown decision", [{"id": 901, "decision": "yes"}], r"line 2: Unknown decision.*'yes'"),
    ("match with nobody", [{"decision": "match"}], r"line 2: A match needs its voter"),
    ("voter without state", [{"id": 901, "state": "", "decision": "match"}], r"line 2: A voter needs its state"),
]


def test_a_wrong_file_is_refused_whole(town: Store, tmp_path: Path) -> None:
    town.keys[950] = ("NC", "NC000950")
    town.build()
    good = {"source_person_id": "p1", "decision": "no_match"}
    for case, rows, problem in WRONG:
        told = [{**(voter(town, row.pop("id")) if "id" in row else {}), **row} for row in (dict(row) for row in rows)]
        with pytest.raises(ExchangeError) as refused:
            decide(town, tmp_path / "d.csv", *told, good)
        assert re.search(r"none was taken[\s\S]*" + problem, str(refused.value)), case
    assert town.rows("select from ops.match_review") == []


HEADER = "feed_id,source_person_id,state,state_voter_id,decision"
NO_FILE = [
    ("feed_id,decision\n", "line 1: There is no column source_person_id, state, state_voter_id"),
    (f"{HEADER},colour\n", "line 1: .*unknown.*colour"),
    (f"{HEADER},state\n", "line 1: .*twice.*state"),
    (f"{HEADER}\ncanvass,p1,NC\n", "line 2: .*cells"),
    (f'{HEADER}\ncanvass,"p1\n', "line 2: The file is no CSV"),
    (f"{HEADER}\ncanvass,p\0\n", "line 2: The file holds a NUL"),
    (f"{HEADER}\ncanvass,p\xff\n", "line 2: The file is not UTF-8"),
]


@pytest.mark.parametrize(("text", "problem"), NO_FILE)
def test_a_file_of_another_kind_is_refused(server: Settings, tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "d.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ExchangeError, match=problem):
        matching.import_review(server, path, "ann")


def test_predictions_are_of_everybody(town: Store, tmp_path: Path) -> None:
    out = tmp_path / "predictions.csv"
    assert matching.write_predictions(town.settings, out) == 62
    rows = read(out)
    assert list(rows[0]) == ["feed_id", "source_person_id", "state", "state_voter_id", "method", "posterior"]
    keys = [(row["feed_id"], row["source_person_id"]) for row in rows]
    assert keys == sorted(town.identities), "every identity once, sorted"
    accepted = {(r["feed_id"], r["identity_key"]): r for r in town.rows("select * from matching.matches")}
    for key, row in zip(keys, rows, strict=True):
        match = accepted[key]
        has_voter = match["status"] == "accepted"
        expected = town.keys[match["voter_id"]] if has_voter else ("", "")
        assert (row["state"], row["state_voter_id"]) == expected and row["method"] == match["method"]
        assert 0 <= float(row["posterior"]) <= 1
        assert not has_voter or float(row["posterior"]) > 0.4
    assert {"id", "rule", "none"} <= {row["method"] for row in rows}
    before = out.read_bytes()
    matching.write_predictions(town.settings, out)
    assert out.read_bytes() == before and list(tmp_path.iterdir()) == [out]


def exchange(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    script = "from exchange.cli import main; main()"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "EXCHANGE_"))}
    return subprocess.run(
        [sys.executable, "-c", script, *words],
        env={**inherited, "EXCHANGE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_commands(town: Store, tmp_path: Path) -> None:
    home = town.settings.home
    out = tmp_path / "p.csv"
    told = exchange(home, "match", "predictions", "--out", str(out), "--json")
    assert json.loads(told.stdout) == {"file": str(out), "rows": 62}, told.stderr
    told = exchange(home, "match", "train", "--json")
    assert (told.returncode, json.loads(told.stdout)["version"]) == (0, 1), told.stderr
    queue = tmp_path / "q.csv"
    told = exchange(home, "review", "export", "--out", str(queue))
    assert told.returncode == 0 and "people who wait" in told.stdout, told.stderr
    rows = read(queue)
    rows[0]["decision"] = "maybe"
    told = exchange(home, "review", "import", str(write(queue, rows)), "--by", "ann")
    assert told.returncode == 1 and "Unknown decision" in told.stderr and "Traceback" not in told.stderr
    rows[0]["decision"] = "no_match"
    told = exchange(home, "review", "import", str(write(queue, rows)), "--by", "ann")
    assert told.returncode == 0 and "1 no_match" in told.stdout, told.stderr
    assert exchange(home, "review", "import", str(queue)).returncode == 2
    assert exchange(home, "review", "export", "--out", str(queue), "--limit", "0").returncode == 2
    told = exchange(home, "match", "predictions", "--out", str(tmp_path / "none" / "p.csv"))
    assert told.returncode == 1 and "Traceback" not in told.stderr

    with connect(town.settings, autocommit=True) as admin:
        exports = admin.execute("select details->>'what' from ops.audit where what = 'exported' order by at").fetchall()
    # before the first row of each, also of one that could not be written
    assert exports == [("predictions",), ("review queue",), ("predictions",)]

    forget_everything(town.settings)
    for words in (("match", "predictions", "--out", str(out)), ("review", "export", "--out", str(queue))):
        told = exchange(home, *words)
        assert told.returncode == 1 and "exchange refresh" in told.stderr
    told = exchange(home, "match", "train")
    assert told.returncode == 1 and "no voters to learn from" in told.stderr
