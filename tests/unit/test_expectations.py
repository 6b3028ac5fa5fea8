"""Suites and findings without a database; `tests/integration/test_orchestration_expectations.py` runs every suite."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from expectations.findings import Finding, failed, markdown, sentence
from expectations.rules import trimmed, vocabulary

ROOT = Path(__file__).resolve().parents[2]


def file_formats() -> dict[str, set[str]]:
    """The raw columns of every file format, from the dbt source files that describe them."""
    formats: dict[str, set[str]] = {}
    for path in ROOT.glob("models/staging/*/_*__sources.yml"):
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
            for table in source["tables"]:
                formats[table["name"]] = {column["name"] for column in table["columns"]}
    return formats


def finding(**changes: object) -> Finding:
    values: dict[str, object] = {
        "expectation": "channel looks like one of door, phone",
        "severity": "critical",
        "passed": False,
        "threshold": 0.5,
        "observed": 0.25,
        "examples": ("carrier pigeon",),
        "note": "Rows with another channel are quarantined.",
    }
    return Finding(**(values | changes))  # type: ignore[arg-type]


def test_importing_expectations_does_not_import_great_expectations() -> None:
    """Would have caught a 6 s import on every `exchange refresh` that has no new file."""
    program = "import sys, expectations.run, expectations.generic_contacts; print('great_expectations' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"


def test_every_file_format_has_a_suite_and_no_suite_lacks_a_format() -> None:
    shared = {"__init__", "rules", "findings", "run"}
    modules = {path.stem for path in (ROOT / "expectations").glob("*.py")} - shared
    assert modules == set(file_formats())


@pytest.mark.parametrize("file_format", sorted(file_formats()))
def test_a_suite_judges_only_columns_that_its_raw_table_has(file_format: str) -> None:
    """A misspelled column would fail only in production, on the first delivery."""
    from expectations.run import batch_query, suite_of

    suite = suite_of(file_format)
    query = batch_query(suite, file_format, [1], 10)
    columns = file_formats()[file_format]
    for expectation in suite.expectations:
        column = getattr(expectation, "column")  # noqa: B009 - the base class does not declare it
        if (expectation.meta or {}).get("sql") is None:
            assert column in columns
    assert all(trimmed(column) in query or f'"{column}"' not in query for column in columns)


@pytest.mark.parametrize("file_format", sorted(file_formats()))
def test_every_sentence_of_a_suite_says_what_and_why(file_format: str) -> None:
    from expectations.run import suite_of

    suite = suite_of(file_format)
    assert all(expectation.description and expectation.notes for expectation in suite.expectations)
    assert {expectation.severity.value for expectation in suite.expectations} == {"critical", "warning"}


def test_a_large_batch_is_judged_by_an_even_sample() -> None:
    from expectations.run import LARGEST_JUDGED_BATCH, batch_query, suite_of

    suite = suite_of("generic_ballots")
    assert "%" not in batch_query(suite, "generic_ballots", [7, 8], LARGEST_JUDGED_BATCH)
    assert batch_query(suite, "generic_ballots", [7, 8], 5_000_000).endswith(
        "where _file_id in (7, 8) and _row_number % 25 = 0"
    )


def test_a_partners_text_cannot_break_the_table() -> None:
    table = markdown([finding(examples=("a|b`c\nd", "x" * 1000))])
    assert len(table.splitlines()) == 3
    assert "`a\\|b'c d`" in table
    assert "x" * 61 not in table


def test_what_failed_comes_first() -> None:
    table = markdown([finding(passed=True, observed=1.0), finding(severity="warning"), finding()])
    assert [line.split("|")[1].strip() for line in table.splitlines()[2:]] == ["critical", "warning", "passed"]


def test_failures_are_told_apart_by_severity() -> None:
    findings = [finding(), finding(severity="warning"), finding(passed=True)]
    assert failed(findings, "critical") == [findings[0]]
    assert "in 25.0% of the rows, expected 50%, for example 'carrier pigeon'" in sentence(findings[0])


def test_a_vocabulary_keeps_to_one_file_format() -> None:
    assert "Not Home" in vocabulary("result_codes", "source_code", "van_contact_history_report")
    assert "Not Home" not in vocabulary("result_codes", "source_code", "thrutext_messages")
