"""The world and the walks that the dashboard is measured with: wrong ones make every number false."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl

import duckdb
import pytest

from benchmarks.dashboard import registry, serving, walks, world
from benchmarks.dashboard.report import Report, percentile
from dashboard.explorer.domain import Domain
from dashboard.explorer.facet import Facet
from dashboard.explorer.facets import CHANNELS, PERSON_QUESTIONS, facets
from dashboard.explorer.filters import parse
from dashboard.vocabulary import Candidate, Vocabulary
from exchange.registry import load_registry
from exchange.settings import PROJECT_ROOT

COUNTIES = [f"42{number:03}" for number in range(1, 2 * world.COUNTIES, 2)]
OF_PAGE = ("sort", "after", "before", "rows", "cols")


def known_facets() -> dict[str, Facet]:
    questions = {"candidate_support": 5, **dict.fromkeys(PERSON_QUESTIONS.values(), 4)}
    words = Vocabulary(
        answers={name: [(code, str(code)) for code in range(1, codes + 1)] for name, codes in questions.items()},
        questions={name: name for name in questions},
        channels={name: name for name in CHANNELS},
        contact_results={},
        contests={},
        candidates={"lopez": Candidate("lopez", "governor", "Lopez", None)},
        counties={},
        states={},
    )
    domain = Domain(
        voters=1,
        answers={"governor": 1},
        candidates={"governor": ("lopez",)},
        parties=tuple(world.PARTIES),
        places={},
        county_states={},
        has_names=True,
    )
    return facets("governor", domain, words, date(2026, 10, 15))


def steps(seed: int, count: int = 400) -> list[tuple[str, str, bool]]:
    walk = walks.Walk(COUNTIES, seed)
    found = []
    for _ in range(count):
        found.append(walk.step())
        walk.read('<a rel="next" href="/voters?office=governor&amp;after=c3VyZQ">Next 50</a>')
    return found


def test_every_click_is_one_that_the_page_understands() -> None:
    """An address that is refused costs nothing, and would make the dashboard look fast."""
    known = known_facets()
    for seed in range(5):
        for _, path, _ in steps(seed):
            _, _, query = path.partition("?")
            parse([pair for pair in parse_qsl(query) if pair[0] not in OF_PAGE], known, "governor")


def test_people_do_everything_there_is_to_do() -> None:
    kinds = {kind for kind, _, _ in steps(1)}
    assert kinds == set(walks.ACTIONS)
    assert any("after=c3VyZQ" in path for kind, path, _ in steps(1) if kind == "next page")
    assert not any("after=" in path for kind, path, _ in steps(1) if kind == "choice")


def test_equal_seeds_walk_equally() -> None:
    assert steps(1) == steps(1) != steps(2)


@pytest.mark.parametrize("is_uniform", [False, True])
def test_equal_worlds_are_made_by_equal_statements(is_uniform: bool) -> None:
    made = world.World(1_000, 2_500, is_uniform)
    assert world.statements(made) == world.statements(made)
    other = world.World(1_000, 2_500, is_uniform, seed=2)
    assert world.statements(made) != world.statements(other)
    assert made.name != other.name, "worlds share no folder"


def test_shares_are_drawn_as_they_are_given() -> None:
    case = world.chosen({"a": 50, "b": 20}, "number / 1000.0")
    found = duckdb.execute(f"select {case} as key, count(*) from range(1000) as t (number) group by 1").fetchall()
    assert dict(found) == {"a": 500, "b": 200, None: 300}
    assert sum(share for share, _ in world.PARTNERS.values()) == pytest.approx(1)
    assert sum(world.PARTIES.values()) <= 100


def test_the_registry_is_one_that_the_exchange_takes(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    shutil.copytree(PROJECT_ROOT / "seeds" / "registry", folder)
    registry.write(folder)
    loaded = load_registry(folder)
    shared = {(rule.contributor, rule.recipient) for rule in loaded.sharing_rules}
    assert shared == {(name, f"group:{registry.BIG}") for name in registry.SMALL}


def test_pages_tell_what_they_load() -> None:
    base = (PROJECT_ROOT / "dashboard" / "templates" / "base.html").read_text()
    loaded = serving.ASSET.findall(base)
    assert {address.rpartition(".")[2] for address in loaded} == {"svg", "css", "js"}
    assert all(address.startswith("/static/") for address in loaded)


def test_a_missed_bound_is_told() -> None:
    report = Report()
    report.judge("so low", 1.0, 2)
    report.judge("at least", 3.0, 2, least=True)
    assert report.holds
    report.judge("not measured", None, 2)
    assert not report.holds
    assert percentile([float(number) for number in range(100)], 0.95) == 95
