"""Matching inside Dagster: its place in the chain, its gate, what its pages show. Matching itself is played."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from exchange import matching as engine
from exchange.errors import ExchangeError
from exchange.matching.results import IdentitySync, MatchRun, ModelStatus, RulePrecision, VoterSync
from exchange.registry import load_registry
from exchange.settings import PROJECT_ROOT, Settings
from orchestration import audit, dbt, environment, jobs, matching, matching_checks, matching_facts, progress, publish
from orchestration.feeds import REFRESH_KEY
from orchestration.manifest import prepared_manifest
from orchestration.pictures import picture
from orchestration.refresh import run_config
from orchestration.resources import Exchange

KEY = dg.AssetKey(["raw", "doors"])
RUN = MatchRun(
    run_id=7,
    model_version=2,
    is_full=False,
    scored=12,
    changed=3,
    moved=1,
    counts={"accepted": {"id": 900, "model": 90}, "review": {"none": 4}, "unmatched": {"none": 10}},
    threshold=0.71,
    estimated_precision=0.991,
    in_spine_share=0.8,
    calibration={"labelled": 850, "curve": [[0.5, 0.98, 0.9], [0.71, 0.991, 0.8], [0.99, 0.999, 0.4]]},
    rule_precisions={"last_birth_first": RulePrecision(400, 399), "rare": RulePrecision(10, 5)},
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), database_url=None)


@pytest.fixture(scope="module")
def manifest(settings: Settings) -> Path:
    return prepared_manifest(settings)


@pytest.fixture(scope="module")
def defs(settings: Settings, manifest: Path) -> dg.Definitions:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXCHANGE_HOME", str(settings.home))
        found: dg.Definitions = importlib.import_module("orchestration.definitions").defs
    return found


@pytest.fixture(scope="module")
def parts(settings: Settings, manifest: Path) -> dict[str, dg.AssetsDefinition]:
    models = dbt.dbt_definitions(settings, manifest, load_registry(settings.registry).feeds)
    return {part.op.name: part for part in models}


@pytest.fixture(scope="module")
def built(settings: Settings, manifest: Path, parts: dict[str, dg.AssetsDefinition]) -> dict[str, set[str]]:
    """What `dbt build` builds and tests in each step; '': without any selection."""
    return {"": listed(settings, None)} | {name: listed(settings, part) for name, part in parts.items()}


def listed(settings: Settings, part: dg.AssetsDefinition | None) -> set[str]:
    tags = part.op.tags if part else {}
    chosen = [
        word
        for flag in ("select", "exclude")
        if tags.get(f"dagster_dbt/{flag}")
        for word in (f"--{flag}", tags[f"dagster_dbt/{flag}"])
    ]
    command = [str(environment.SCRIPTS / "dbt"), "--quiet", "ls", "--exclude-resource-type", "unit_test", *chosen]
    done = subprocess.run(
        [*command, "--output", "json", "--output-keys", "unique_id"],
        cwd=PROJECT_ROOT,
        env={**os.environ, **environment.base_variables(settings)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = {json.loads(line)["unique_id"] for line in done.stdout.splitlines() if line.startswith("{")}
    return {name for name in found if name.split(".")[0] in ("model", "seed", "snapshot", "test")}


def test_every_model_and_test_belongs_to_exactly_one_step(built: dict[str, set[str]], manifest: Path) -> None:
    """dbt selects tests by the models they read: a test of both parts could be lost, or run on half-built models."""
    before, after = built["dbt_before_matching"], built["dbt"]
    assert before | after == built[""]
    assert before & after == set()
    parents = json.loads(manifest.read_text())["parent_map"]
    too_early = {name: set(parents[name]) & after for name in before if set(parents[name]) & after}
    assert too_early == {}
    assert any(name.startswith("test.") for name in before)
    assert any(name.startswith("test.") for name in after)


def test_every_test_about_one_model_is_a_check_of_the_step_that_runs_it(
    built: dict[str, set[str]], manifest: Path, parts: dict[str, dg.AssetsDefinition]
) -> None:
    """A test written at a model of the first part that reads the second would run, and be a check of no asset."""
    nodes = json.loads(manifest.read_text())["nodes"]
    for step, part in parts.items():
        checks = {spec.metadata["dagster_dbt/unique_id"] for spec in part.check_specs}
        tests = {name for name in built[step] if name.startswith("test.")}
        about_one = {
            name for name in tests if nodes[name].get("attached_node") or len(nodes[name]["depends_on"]["nodes"]) == 1
        }
        assert checks == about_one


def test_the_chain_leads_from_raw_through_matching_to_the_published_views(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    before = graph.get_ancestor_asset_keys(publish.VIEWS_KEY)
    own = {matching.VOTERS_KEY, matching.IDENTITIES_KEY, matching.MODEL_KEY, dbt.MATCHES_KEY}
    assert own <= before
    assert {key.path[0] for key in graph.get_ancestor_asset_keys(dbt.MATCHES_KEY) - own} == {
        "raw",
        "registry",
        "vocabulary",
        "staging",
        "intermediate",
    }
    lines = dg.AssetKey(["intermediate", "int_contact_lines__resolved"])
    assert dbt.MATCHES_KEY in graph.get(lines).parent_keys
    # nothing that dbt calls a source is left hanging in the air
    assert {key for key in graph.get_all_asset_keys() if not graph.get(key).is_materializable} == set()


def test_the_audit_waits_for_no_gate_and_no_publication(defs: dg.Definitions) -> None:
    """Would have caught a log whose texts name people, and that lies on disk for as long as a check fails."""
    graph = defs.resolve_asset_graph()
    assert graph.get_ancestor_asset_keys(audit.AUDIT_KEY) - {audit.AUDIT_KEY} == {REFRESH_KEY}
    # a log that cannot be read holds up no retraction
    assert graph.get(audit.AUDIT_KEY).child_keys == set()
    assert audit.AUDIT_KEY in defs.resolve_job_def(jobs.refresh_job.name).asset_layer.executable_asset_keys


def test_voters_come_before_identities(defs: dg.Definitions) -> None:
    """The other way round, persons of unknown state found nobody in the first refresh and their voter in the second."""
    steps = [matching.VOTERS_KEY, matching.IDENTITIES_KEY, matching.MODEL_KEY, dbt.MATCHES_KEY]
    graph = defs.resolve_asset_graph()
    for before, after in pairwise(steps):
        assert before in graph.get(after).parent_keys


def test_nothing_before_matching_waits_for_it(parts: dict[str, dg.AssetsDefinition]) -> None:
    for key, deps in parts["dbt_before_matching"].asset_deps.items():
        assert dbt.MATCHES_KEY not in deps, key


def test_a_full_refresh_is_full_in_every_step_that_keeps_something(defs: dg.Definitions) -> None:
    ops = run_config(full=True)["ops"]
    assert set(ops) == {"dbt_before_matching", "matching__matches", "dbt"}
    assert all(step["config"] == {"full": True} for step in ops.values())
    assert dg.validate_run_config(defs.resolve_job_def("refresh_job"), run_config(full=True))


def test_retraining_is_a_job_of_its_own_that_begins_at_the_model(defs: dg.Definitions) -> None:
    job = defs.resolve_job_def(jobs.retrain_job.name)
    keys = set(job.asset_layer.executable_asset_keys)
    assert {matching.MODEL_KEY, dbt.MATCHES_KEY, publish.VIEWS_KEY} <= keys
    assert not {key for key in keys if key.path[0] in ("raw", "staging")}
    assert matching.VOTERS_KEY not in keys
    assert dg.validate_run_config(job)["ops"]["matching__match_model"]["config"] == {"retrain": True}


class PlayedExchange(Exchange):
    """Without database and lock."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Exchange]:
        yield self


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """What the played functions of exchange.matching were asked; `run` is what make_matches tells."""
    told: dict[str, Any] = {"run": RUN}
    monkeypatch.setenv("EXCHANGE_HOME", str(tmp_path))

    def model(settings: Settings, *, retrain: bool = False) -> ModelStatus:
        told["retrain"] = retrain
        return ModelStatus(2, retrain, "asked for" if retrain else "fits", 850, 1, {"PA": 10, "NC": 5})

    def make(settings: Settings, *, full: bool = False) -> MatchRun:
        told["full"] = full
        run: MatchRun = told["run"]
        return run

    played = {
        "sync_voters": lambda settings: VoterSync(1, 2, 1, 0, 12, 3, {"PA": 10, "NC": 5}),
        "sync_identities": lambda settings: IdentitySync(5, 0, 1, 999, 8),
        "ensure_model": model,
        "make_matches": make,
    }
    for name, function in played.items():
        monkeypatch.setattr(engine, name, function, raising=False)
    rows = SimpleNamespace(
        fetchone=lambda: None,
        fetchall=lambda: [(-4, "unmatched", 3), (0, "by id or person", 900), (None, "unmatched", 7)],
    )
    connection = SimpleNamespace(execute=lambda *words: rows)

    @contextmanager
    def connect(*words: Any) -> Iterator[Any]:
        yield connection

    monkeypatch.setattr(matching_facts, "connect", connect)
    return told


def test_a_changed_registry_is_told_before_the_publication_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    done = []

    def refuse(settings: Settings) -> None:
        done.append("publish")
        raise ExchangeError("Publications are on hold.")

    monkeypatch.setattr(publish, "audit_loaded_registry", lambda settings: done.append("audit"))
    monkeypatch.setattr(publish, "publish", refuse)
    views = publish.published_views([])
    assert not dg.materialize([views], resources={"exchange": PlayedExchange()}, raise_on_error=False).success
    assert done == ["audit", "publish"]


@dg.asset(deps=[dbt.MATCHES_KEY])
def built_on_matches() -> None:
    """Plays everything that follows."""


def materialize(**configs: dict[str, bool]) -> dg.ExecuteInProcessResult:
    run_config = {"ops": {name: {"config": config} for name, config in configs.items()}}
    return dg.materialize(
        [*matching.ASSETS, built_on_matches],
        resources={"exchange": PlayedExchange()},
        run_config=run_config,
        raise_on_error=False,
    )


def test_the_pages_tell_counts(asked: dict[str, Any]) -> None:
    done = materialize()
    assert done.success
    shown: dict[str, dict[str, Any]] = {
        name: {key: value.value for key, value in done.asset_materializations_for_node(name)[0].metadata.items()}
        for name in ("matching__voters", "matching__identities", "matching__match_model", "matching__matches")
    }
    assert shown["matching__voters"]["dagster/row_count"] == 15
    assert (shown["matching__identities"]["new"], shown["matching__identities"]["removed"]) == (5, 1)
    assert (shown["matching__match_model"]["version"], shown["matching__match_model"]["labels"]) == (2, 850)
    found = shown["matching__matches"]
    assert (found["accepted"], found["review"], found["unmatched"], found["scored"]) == (990, 4, 10, 12)
    assert (found["estimated_precision"], found["threshold"], found["in_spine_share"]) == (0.991, 0.71, 0.8)
    assert "| accepted | 900 | 90 | 0 |" in found["by_method"]
    assert "99.75%" in found["rules"]
    assert all(found[name].startswith("![") for name in ("weights", "calibration"))
    assert (asked["retrain"], asked["full"]) == (False, False)


def test_full_and_retrain_reach_matching(asked: dict[str, Any]) -> None:
    materialize(matching__match_model={"retrain": True}, matching__matches={"full": True})
    assert (asked["retrain"], asked["full"]) == (True, True)


@pytest.mark.parametrize(("precision", "follows"), [(0.991, True), (0.979, False), (None, True)])
def test_a_broken_promise_stops_everything_after_the_matches(
    asked: dict[str, Any], precision: float | None, follows: bool
) -> None:
    """The gate itself: a check that only reports would let wrong matches be published."""
    asked["run"] = replace(RUN, estimated_precision=precision)
    done = materialize()
    assert done.success is follows
    assert bool(done.asset_materializations_for_node("built_on_matches")) is follows


def test_a_rule_that_hits_the_wrong_people_breaks_the_promise_too() -> None:
    run = replace(RUN, rule_precisions={"last_birth_first": RulePrecision(200, 195), "few": RulePrecision(199, 0)})
    checked = matching_checks.precision_is_as_promised(run)
    assert not checked.passed
    assert (
        checked.description == "By rule last_birth_first: 195 of 200 hits are the known voter (97.5%). Promised: 98%."
    )
    assert matching_checks.precision_is_as_promised(replace(RUN, rule_precisions={})).passed


def test_what_cannot_be_measured_passes_and_says_so() -> None:
    checked = matching_checks.precision_is_as_promised(
        replace(RUN, estimated_precision=None, calibration={"labelled": 150})
    )
    assert checked.passed
    assert checked.description is not None and checked.description.startswith("not measurable: 150 labelled")


@pytest.mark.parametrize(
    ("ids", "disagreeing", "passed", "word"),
    [
        (0, 0, True, "No id"),
        (49, 49, True, "Too few"),
        (50, 10, True, "10 of 50"),
        (50, 11, False, "id_scope"),
        (1000, 990, False, "feeds.csv"),
    ],
)
def test_ids_that_lead_to_other_names_are_a_warning(ids: int, disagreeing: int, passed: bool, word: str) -> None:
    """The mark of a VANID of another committee, or of a state id of another state."""
    checked = matching_checks.agreement(KEY, ids, disagreeing)
    assert (checked.passed, checked.severity) == (passed, dg.AssetCheckSeverity.WARN)
    assert checked.description is not None and word in checked.description


def test_a_picture_is_drawn_again_only_for_other_data(tmp_path: Path) -> None:
    """A refresh with nothing new must not pay for matplotlib, and its page must show a picture all the same."""
    drawn: list[int] = []

    def curve(number: int) -> bytes:
        drawn.append(number)
        return b"%d" % number

    exchange = Settings(home=tmp_path)
    first = picture(exchange, curve, 1)
    assert first == "![curve](data:image/png;base64,MQ==)"
    assert picture(exchange, curve, 1) == first
    picture(exchange, curve, 2)
    assert drawn == [1, 2]
    assert len(list((tmp_path / "dagster" / "pictures").iterdir())) == 1


@pytest.mark.parametrize(
    ("step", "metadata", "said"),
    [
        ("matching__voters", {"new": 0, "changed": 0, "removed": 0}, "nothing new"),
        ("matching__identities", {"new": 1200, "changed": 0, "removed": 2}, "1,200 new, 2 removed"),
        ("matching__match_model", {"version": 3, "is_new": True}, "version 3, trained now"),
        ("matching__matches", {"accepted": 90, "review": 4, "unmatched": 1}, "90 accepted, 4 review, 1 unmatched"),
    ],
)
def test_a_line_of_progress_tells_what_matching_did(step: str, metadata: dict[str, Any], said: str) -> None:
    assert progress.summary(step, progress.Counter(), metadata) == said
    assert progress.label(step).startswith("matching: ")
