"""The parts of the orchestration that need no database, no dbt and no running Dagster."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from exchange.errors import ExchangeError, Place
from exchange.intake import FeedIntake, LoadedFile, RefusedFile
from exchange.intake.inbox import WaitingFile
from exchange.settings import Settings
from exchange.warehouse.dbt_macros import macros_variable
from expectations.findings import Finding
from orchestration import environment, feeds, jobs, plausibility, progress, publish
from orchestration.manifest import project_digest

KEY = dg.AssetKey(["raw", "doors"])


def a_finding(**changes: Any) -> Finding:
    values: dict[str, Any] = {
        "expectation": "channel looks like one of door, phone",
        "severity": "critical",
        "passed": False,
        "threshold": 0.5,
        "observed": 0.1,
        "examples": ("pigeon",),
        "note": "Rows with another channel are quarantined.",
    }
    return Finding(**(values | changes))


def a_file(**changes: Any) -> LoadedFile:
    values: dict[str, Any] = {"file_id": 1, "file_name": "a.csv", "records": 10, "loaded": 9, "rejected": 1}
    return LoadedFile(**(values | changes))


def test_a_refused_file_fails_the_check_and_is_named_with_place_and_remedy() -> None:
    """Would have caught a check that says only "failed": the operator must know whose file, where and what to do."""
    error = ExchangeError(
        "unknown column 'wat'", place=Place(partner="acme", feed="doors", file="b.csv", line=1), remedy="Remove it."
    )
    checked = feeds.files_taken(KEY, FeedIntake("doors", loaded=[a_file()], refused=[RefusedFile("b.csv", error)]))
    assert not checked.passed
    assert checked.severity is dg.AssetCheckSeverity.ERROR
    assert checked.description == "partner acme, feed doors, file b.csv, line 1: unknown column 'wat'. Remove it."


def test_a_feed_without_new_files_passes_and_counts_nothing() -> None:
    intake = FeedIntake("doors", already_known=3)
    assert feeds.files_taken(KEY, intake).passed
    assert feeds.metadata(intake) == {
        "files": 0,
        "refused": 0,
        "already_known": 3,
        "records": 0,
        "loaded": 0,
        "rejected": 0,
    }


@pytest.mark.parametrize(
    ("findings", "passed", "severity"),
    [
        ([a_finding(passed=True)], True, dg.AssetCheckSeverity.WARN),
        ([a_finding(severity="warning")], False, dg.AssetCheckSeverity.WARN),
        ([a_finding(), a_finding(severity="warning")], False, dg.AssetCheckSeverity.ERROR),
    ],
)
def test_the_worst_finding_decides(findings: list[Finding], passed: bool, severity: dg.AssetCheckSeverity) -> None:
    checked = plausibility.result(KEY, ["a.csv"], findings)
    assert (checked.passed, checked.severity) == (passed, severity)


def test_nothing_new_passes_and_says_that_nothing_was_judged() -> None:
    checked = plausibility.result(KEY, [], [])
    assert (checked.passed, checked.description) == (True, "No new file.")


def test_an_active_partner_without_views_fails_the_check() -> None:
    checked = publish.views_exist(["exchange", "acme", "beta"], {"acme": {"voters": 0}})
    assert not checked.passed
    assert checked.description == "Without views: beta."


def test_only_what_dbt_parses_makes_the_manifest_old(tmp_path: Path) -> None:
    """A new rule in the registry must not cost a `dbt parse`; a changed model must."""
    model, rules = tmp_path / "models" / "a.sql", tmp_path / "registry" / "sharing_rules.csv"
    for path in (tmp_path / "dbt_project.yml", model, rules):
        path.parent.mkdir(exist_ok=True)
        path.write_text("select 1")
    before = project_digest(tmp_path, rules.parent)
    rules.write_text("another rule")
    assert project_digest(tmp_path, rules.parent) == before
    model.write_text("select 1 as a")
    changed = project_digest(tmp_path, rules.parent)
    assert changed != before
    (rules.parent / "contests.csv").touch()
    assert project_digest(tmp_path, rules.parent) != changed


def test_the_inbox_fingerprint_changes_when_a_file_is_written_again() -> None:
    file = WaitingFile(Path("a.csv"), "a.csv", 10, 1)
    again = WaitingFile(Path("a.csv"), "a.csv", 10, 2)
    assert jobs.fingerprint([file]) == jobs.fingerprint([file])
    assert jobs.fingerprint([file]) != jobs.fingerprint([again])


def test_variables_keep_every_tool_in_the_home_and_quiet(tmp_path: Path) -> None:
    """Would have caught dbt writing target/ into the repository, and any tool reporting home."""
    settings = Settings(home=tmp_path / "home", registry=tmp_path / "registry")
    variables = environment.base_variables(settings)
    for name in ("DAGSTER_HOME", "DBT_TARGET_PATH", "DBT_LOG_PATH", "EXCHANGE_DAGSTER_LOGS"):
        assert Path(variables[name]).is_relative_to(settings.home)
    assert variables["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"
    assert "PASSWORD" not in " ".join(variables)


def test_every_process_of_dbt_hears_which_macros_it_has(tmp_path: Path) -> None:
    """Without it a corrected macro would change only the rows that are touched next: half the table old, half new."""
    settings = Settings(home=tmp_path / "home", registry=tmp_path / "registry")
    assert environment.base_variables(settings).items() >= macros_variable().items()
    folder = tmp_path / "macros" / "incremental"
    folder.mkdir(parents=True)
    (folder / "a.sql").write_text("one")
    (tmp_path / "macros" / "b.sql").write_text("two")
    before = macros_variable(tmp_path)
    assert macros_variable(tmp_path) == before
    (tmp_path / "macros" / "b.yml").write_text("words about a macro change no row")
    assert macros_variable(tmp_path) == before
    (folder / "a.sql").write_text("one corrected")
    assert macros_variable(tmp_path) != before
    (folder / "a.sql").write_text("one")
    (tmp_path / "macros" / "b.sql").rename(tmp_path / "macros" / "c.sql")
    assert macros_variable(tmp_path) != before


def event(kind: dg.DagsterEventType, step: str, **data: Any) -> Any:
    return SimpleNamespace(dagster_event=SimpleNamespace(event_type=kind, step_key=step, message="", **data))


def failure(message: str) -> SimpleNamespace:
    return SimpleNamespace(message=message, cause=None)


def test_progress_tells_the_cause_and_not_its_wrapping() -> None:
    lines: list[str] = []
    watched = progress.Progress(line=lines.append)
    wrapped = SimpleNamespace(message="DagsterError: in op", cause=failure("psycopg.Error: no such table\nLINE 1"))
    watched(event(dg.DagsterEventType.STEP_FAILURE, "dbt", step_failure_data=SimpleNamespace(error=wrapped)))
    watched(event(dg.DagsterEventType.STEP_SKIPPED, "published__partner_views"))
    assert lines[0].split() == ["FAIL", "dbt:", "after", "matching", "no", "such", "table"]
    assert [step.step for step in watched.failed_steps] == ["dbt: after matching", "publish"]
    assert watched.has_failed


def test_of_a_dbt_failure_only_dbts_own_words_are_shown() -> None:
    message = (
        "DagsterDbtCliRuntimeError: The dbt CLI process with command `dbt build` failed with exit code `1`.\n\n"
        "Errors parsed from dbt logs:\n\n98 of 156 FAIL 1 every_record_is_accounted_for\n\n  Got 1 result\n"
    )
    assert progress.root_problem(failure(message)) == "98 of 156 FAIL 1 every_record_is_accounted_for\nGot 1 result"


def test_a_blocking_check_is_named_as_what_stopped_the_step() -> None:
    message = "1 blocking asset check failed with ERROR severity:\nmatching/matches: precision_is_as_promised"
    assert progress.root_problem(failure(message)) == "stopped by matching/matches: precision_is_as_promised"


@pytest.mark.parametrize(("severity", "fails"), [("ERROR", True), ("WARN", False)])
def test_a_warning_is_reported_and_fails_nothing(severity: str, fails: bool) -> None:
    watched = progress.Progress(line=lambda text: None)
    evaluation = SimpleNamespace(
        passed=False,
        asset_key=KEY,
        check_name="contents_are_plausible",
        severity=dg.AssetCheckSeverity(severity),
        description="odd",
    )
    watched(event(dg.DagsterEventType.ASSET_CHECK_EVALUATION, "x", asset_check_evaluation_data=evaluation))
    assert watched.report()["failed_checks"][0]["asset"] == "raw/doors"
    assert watched.has_failed is fails


def test_an_unchanged_instance_file_is_not_written_again(tmp_path: Path) -> None:
    """The daemon reads it while a refresh begins."""
    target = tmp_path / "dagster.yaml"
    environment._copy_if_changed(environment.INSTANCE_FILE, target)
    os.utime(target, (1, 1))
    environment._copy_if_changed(environment.INSTANCE_FILE, target)
    assert target.stat().st_mtime == 1
