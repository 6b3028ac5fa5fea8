"""The generator that matching is judged by: a truth that contradicts its own tables would make every number false."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from benchmarks.matching import plain, quality
from benchmarks.matching.generate import generate
from benchmarks.matching.spine import RAW_COLUMNS

TABLES = ("raw_voters", "raw_identities", "truth", "claimed_ids", "channel")
World = duckdb.DuckDBPyConnection


def world(seed: int = 1, profile: str = "usual") -> World:
    con = duckdb.connect()
    generate(con, voters=4_000, identities=2_000, seed=seed, profile=profile)
    return con


def one(con: World, query: str) -> float:
    return float(con.execute(query).fetchall()[0][0])


@pytest.fixture(scope="module")
def usual() -> Iterator[World]:
    with world() as con:
        yield con


def test_equal_seeds_give_equal_worlds(usual: World) -> None:
    """Numbers of two runs could not be compared otherwise."""
    with world() as again, world(seed=2) as other:
        for table in TABLES:
            rows = f"select * from {table} order by all"
            assert usual.execute(rows).fetchall() == again.execute(rows).fetchall()
        assert usual.execute("from raw_voters").fetchall() != other.execute("from raw_voters").fetchall()


def test_columns_are_those_of_matching(usual: World) -> None:
    from exchange.matching import standard

    assert RAW_COLUMNS == standard.RAW_COLUMNS
    for side in ("raw_voters", "raw_identities"):
        found = usual.execute(f"describe {side}").fetchall()
        assert [(row[0], row[1]) for row in found] == [
            (name, "BIGINT" if name == "id" else "VARCHAR") for name in RAW_COLUMNS
        ]


def test_truth_is_about_the_tables(usual: World) -> None:
    """Each identity once in truth and channel; every voter id exists; 14 % are nobody on the file."""
    for table in ("raw_voters", "raw_identities"):
        assert one(usual, f"select count(*) - count(distinct id) from {table}") == 0
    assert one(usual, "select count(*) from raw_voters") == 4_000
    for table in ("truth", "channel"):
        assert one(usual, f"select count(*) from {table} join raw_identities on id = identity_id") == 2_000
    for table in ("truth", "claimed_ids"):
        missing = f"select count(*) from {table} anti join raw_voters on id = voter_id where voter_id is not null"
        assert one(usual, missing) == 0
    assert one(usual, "select avg((voter_id is null)::int) from truth") == 0.14


def test_some_ids_are_wrong_and_most_are_right(usual: World) -> None:
    right = "select avg((claimed_ids.voter_id is not distinct from truth.voter_id)::int)"
    assert 0.98 < one(usual, f"{right} from claimed_ids join truth using (identity_id)") < 1
    assert 0.38 < one(usual, "select count(*) / 2000 from claimed_ids") < 0.48


def test_a_contact_resembles_its_voter(usual: World) -> None:
    """A shifted truth would leave the ceiling near zero; a world without errors would put it near one."""
    for side in ("voters", "identities"):
        plain.make_plain(usual, f"raw_{side}", f"plain_{side}")
    plain.anchored(usual, "plain_identities", "plain_voters", "truth", "findable")
    assert 0.75 < one(usual, f"select avg(anchored::int) from findable left join claimed_ids using (identity_id)"
                             f" where {quality.WITHOUT_ID}") < 0.86  # fmt: skip


def test_the_file_holds_twins_fathers_and_sons(usual: World) -> None:
    """The cases that a good rule gets wrong have to be in it."""
    pairs = "select count(*) from raw_voters as a join raw_voters as b on a.id < b.id and a.address = b.address"
    assert one(usual, f"{pairs} and a.last_name = b.last_name and a.birth_date = b.birth_date") > 0
    assert one(usual, f"{pairs} and a.last_name = b.last_name and a.first_name = b.first_name") > 0
    assert one(usual, f"{pairs} and a.phones = b.phones") > 0


def test_hard_is_harder(usual: World) -> None:
    exact = (
        "select avg((lower(i.last_name) = lower(v.last_name))::int) from truth"
        " join raw_identities as i on i.id = identity_id join raw_voters as v on v.id = voter_id"
    )
    with world(profile="hard") as hard:
        assert one(hard, exact) < one(usual, exact)


def test_wilson_bound_is_the_known_one() -> None:
    found = quality.Quality(rows=1200, on_file=1100, findable=1000, answered=1000, right=990, wrong_on_absent=4)
    assert round(found.lower_bound, 4) == 0.9817
    assert (found.recall, found.of_ceiling, found.absent_wrong) == (0.9, 0.99, 0.04)
