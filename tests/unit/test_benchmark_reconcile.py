"""The world that the mart is measured with, and the answer it is held against. Wrong ones make every number false."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from benchmarks.reconcile import duck, generate
from benchmarks.reconcile.__main__ import judged

SMALL = generate.World(responses=6_000, voters=400, batch=400)
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("world")
    generate.write(SMALL, made)
    return made


@pytest.fixture(scope="module")
def con(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duck.connect() as connection:
        duck.exact(connection, folder, generate.feeds())
        yield connection


def rows(con: duckdb.DuckDBPyConnection, query: str) -> Rows:
    found = con.execute(query)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def live(con: duckdb.DuckDBPyConnection, folder: Path) -> Rows:
    newest: dict[tuple[int, str], dict[str, Any]] = {}
    for row in sorted(rows(con, f"from '{folder / 'deliveries.parquet'}'"), key=lambda row: row["delivery"]):
        newest[row["feed_no"], row["record_id"]] = row
    return list(newest.values())


def test_the_expected_answer_is_the_rule_in_plain_words(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Newest; ties by lowest code, then feed and record in byte order; counts over all live answers."""
    by_key: dict[tuple[int, int], Rows] = defaultdict(list)
    for row in live(con, folder):
        by_key[row["voter_id"], row["topic_id"]].append(row)
    names = generate.feeds()
    expected = []
    for group in by_key.values():
        newest = max(row["contacted_at"] for row in group)
        winner = min(
            (row for row in group if row["contacted_at"] == newest),
            key=lambda row: (row["answer_code"], names[row["feed_no"]].encode(), row["record_id"].encode()),
        )
        days = [row["contact_on"] for row in group]
        counts = {
            "response_count": len(group),
            "partner_count": len({row["partner_no"] for row in group}),
            "first_asked_on": min(days),
            "last_asked_on": max(days),
            "answers_disagree": len({row["answer_code"] for row in group}) > 1,
        }
        expected.append({name: (winner | counts)[name] for name in duck.COLUMNS.split(", ")})
    found = rows(con, "from expected order by voter_id, topic_id")
    assert found == sorted(expected, key=lambda row: (row["voter_id"], row["topic_id"]))


def test_ties_reach_the_feeds_text(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Without such ties, and without feeds whose numbers sort otherwise, a build that orders by number would pass."""
    names = generate.feeds()
    assert sorted(names, key=lambda number: names[number].encode()) != sorted(names)
    assert sorted(names.values(), key=str.casefold) != sorted(names.values())
    tied: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for row in live(con, folder):
        tied[row["voter_id"], row["topic_id"], row["contacted_at"], row["answer_code"]].add(row["feed_no"])
    assert any(min(feeds, key=lambda number: names[number].encode()) != min(feeds) for feeds in tied.values())


def test_yardsticks_do_the_same_work(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """A yardstick that left duplicates in, or lost keys, would be too easy to beat or to miss."""
    deliveries = folder / "deliveries.parquet"
    counts = "voter_id, topic_id, response_count, partner_count, first_asked_on, last_asked_on, answers_disagree"
    expected = con.execute(f"select {counts} from expected order by all").fetchall()
    for query in (duck.PACKED, duck.ALL_COLUMNS):
        built = query.format(deliveries=deliveries)
        assert con.execute(f"select distinct {counts} from ({built}) order by all").fetchall() == expected


def test_equal_seeds_give_equal_worlds(folder: Path, tmp_path: Path) -> None:
    for name, world in (("again", SMALL), ("other", generate.World(6_000, 400, 400, seed=2))):
        (tmp_path / name).mkdir()
        generate.write(world, tmp_path / name)
    for name in ("deliveries.parquet", "batch.parquet"):
        first, again, other = (
            duckdb.execute(f"from '{path / name}' order by all").fetchall()
            for path in (folder, tmp_path / "again", tmp_path / "other")
        )
        assert first == again
        assert first != other


def test_sizes_are_the_worlds(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """A twentieth of the deliveries comes again; a twentieth of the batch moves an answer to another voter."""
    assert len(live(con, folder)) == SMALL.responses
    [found] = rows(
        con, f"select count(*) as deliveries, max(voter_id) as voters from '{folder / 'deliveries.parquet'}'"
    )
    assert found["deliveries"] == SMALL.responses * 21 // 20
    assert found["voters"] <= SMALL.voters
    before = {(row["feed_no"], row["record_id"]): row for row in live(con, folder)}
    batch = rows(con, f"from '{folder / 'batch.parquet'}'")
    corrected = [row for row in batch if (row["feed_no"], row["record_id"]) in before]
    assert (len(batch), len(corrected)) == (SMALL.batch, SMALL.batch // generate.RESENT)
    moved = [row for row in corrected if row["voter_id"] != before[row["feed_no"], row["record_id"]]["voter_id"]]
    assert len(moved) > 0.9 * len(corrected)


def test_one_wrong_row_is_seen(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create or replace table built as from expected")
    assert duck.differing(con) == 0
    con.execute("update built set record_id = record_id || 'x' where rowid = (select min(rowid) from built)")
    assert duck.differing(con) == 2


def test_a_missed_bound_is_told() -> None:
    """Each bound is missed alone; the step after the smallest size is judged by both ratios."""
    costs = {
        "DuckDB, packed aggregate": 4.0,
        "DuckDB, all columns": 4.0,
        "full build": 10.0,
        "naive DISTINCT ON over text": 30.0,
        "+100,000: mart": 1.0,
        "rows other than a full build's": 0.0,
    }
    world = generate.World(20_000_000)
    assert all(bound.holds for bound in judged(world, costs, costs))
    for name, value in (
        ("DuckDB, packed aggregate", 3.0),
        ("naive DISTINCT ON over text", 19.0),
        ("+100,000: mart", 1.6),
        ("rows other than a full build's", 1.0),
    ):
        assert not all(bound.holds for bound in judged(world, {**costs, name: value}, costs))
