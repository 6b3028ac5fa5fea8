"""What analytics engineers work with, on a real exchange: the target dev, the documentation page, suggested lines."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from exchange.scaffold.model import new_model
from exchange.scaffold.system import new_system
from tests.project_copy import SCRIPTS, ProjectCopy

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]

DEV = "dev_ana_o_neil"
# every relation that production's dbt made, and whether it is still the same file on disk
RELATIONS = """
    select nspname, relname, pg_class.oid::bigint, relfilenode::bigint
    from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace
    where nspname in
        ('registry', 'vocabulary', 'staging', 'intermediate', 'marts', 'ops', 'sharing', 'raw', 'published')
    order by 1, 2, 3
"""
FUNCTIONS = "select oid::bigint, xmin::text from pg_proc where pronamespace = 'staging'::regnamespace order by 1"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProjectCopy]:
    project = ProjectCopy(tmp_path_factory.mktemp("scaffold"))
    try:
        project.run(f"exchange demo --out {project.home} --voters 600 --contacts 1500")
        yield project
    finally:
        project.attempt("exchange db stop")


def rows(project: ProjectCopy, statement: str) -> list[tuple[Any, ...]]:
    url = project.run("exchange db url").strip()
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement.encode()).fetchall()


def dbt(project: ProjectCopy, arguments: str) -> subprocess.CompletedProcess[str]:
    return project.attempt(f'eval "$(exchange db env)" && dbt --no-use-colors {arguments}')


def parse(project: ProjectCopy) -> subprocess.CompletedProcess[str]:
    places = f"DBT_PROFILES_DIR=dbt_project DBT_TARGET_PATH={project.temporary}/parsed EXCHANGE_REGISTRY=seeds/registry"
    return project.attempt(f"{places} dbt --no-use-colors parse")


def test_dbt_does_not_parse_a_half_done_format(tmp_path: Path) -> None:
    """A guessed key or channel would load, and be silently wrong. Filled in, it parses, and so do new models."""
    project = ProjectCopy(tmp_path)
    sample = tmp_path / "calls.csv"
    sample.write_text("Call ID,Called At,Zip\n1,2026-10-01,18104\n")
    new_system(project.root, "dialer", sample, "calls")
    done = parse(project)
    assert done.returncode != 0
    assert "stg_dialer__calls.sql is not finished. Fill in record_key" in done.stdout
    model = project.root / "models/staging/dialer/stg_dialer__calls.sql"
    text = model.read_text(encoding="utf-8")
    model.write_text(re.sub(r"\{\{ fill_in\(.*?\) \}\}", "null::text", text), encoding="utf-8")
    registry = project.root / "seeds" / "registry"
    parents = ["responses_described", "dim_contests"]
    new_model(project.root, registry, "marts", "contest_answers", parents, "one row per contest", ["contest_id"])
    new_model(
        project.root, registry, "sharing", "contests_shown", ["dim_contests"], "one row per contest", ["contest_id"]
    )
    done = parse(project)
    assert done.returncode == 0, done.stdout


def test_before_the_first_refresh_each_command_says_so(project: ProjectCopy) -> None:
    project.run("exchange db start")
    suggested = project.attempt("exchange map suggest")
    assert suggested.returncode == 1 and "exchange refresh" in suggested.stderr
    built = dbt(project, "build --target dev")
    assert built.returncode != 0 and "run `exchange refresh` first" in built.stdout


def test_dev_builds_a_sample_and_leaves_production_as_it_is(project: ProjectCopy) -> None:
    """Would have caught a developer's build that replaces a table partners are published from, or a function."""
    project.run("exchange refresh")
    manifest = project.home / "dbt" / "manifest.json"
    before = rows(project, RELATIONS), rows(project, FUNCTIONS), manifest.read_bytes()
    for _ in range(2):
        built = dbt(project, "build --target dev --vars '{sample_voters: 30}'")
        assert built.returncode == 0, built.stdout[-4000:]
        assert " ERROR=0 " in built.stdout and " WARN=0 " in built.stdout
    # the next refresh must find its own manifest, not one of the developer's schemas
    assert (rows(project, RELATIONS), rows(project, FUNCTIONS), manifest.read_bytes()) == before


def test_the_sample_holds_whole_voters(project: ProjectCopy) -> None:
    """All rows about a sampled voter and none about another, with the ids that production gave them."""
    (counts,) = rows(
        project,
        f"select (select count(*) from {DEV}_marts.dim_voters), (select count(*) from marts.dim_voters),"
        f" (select count(*) from {DEV}_marts.fct_voter_responses)",
    )
    sampled, whole, answers = counts
    assert 0.2 * whole < sampled < 0.4 * whole and answers > 20
    for mart in ("dim_voters", "fct_voter_responses", "fct_contacts"):
        of_sample = f"select * from marts.{mart} where voter_id in (select voter_id from {DEV}_marts.dim_voters)"
        made = f"select * from {DEV}_marts.{mart}"
        assert rows(project, f"({of_sample} except {made}) union all ({made} except {of_sample})") == []


def test_a_developer_takes_only_the_own_schemas_away(project: ProjectCopy) -> None:
    refused = dbt(project, "run-operation drop_dev")
    assert refused.returncode != 0 and "--target dev" in refused.stdout
    dropped = dbt(project, "run-operation drop_dev --target dev")
    assert dropped.returncode == 0, dropped.stdout
    left = rows(project, "select nspname::text from pg_namespace where nspname like 'dev%' or nspname = 'marts'")
    assert left == [("marts",)]


def test_suggested_lines_are_the_answers_in_quarantine(project: ProjectCopy) -> None:
    suggested = json.loads(project.run("exchange map suggest --json"))
    said = project.run("exchange map suggest").splitlines()
    assert said == [answer["line"] for answer in suggested]
    (quarantined,) = rows(
        project,
        "select count(*) from intermediate.int_contact_lines__resolved"
        " where problem = 'answer is not in the answer map'",
    )
    assert sum(answer["line_count"] for answer in suggested) == quarantined[0] > 0
    # as they are, the registry must not take them
    project.run(f"cp -r {project.registry} {project.temporary}/registry")
    project.run(f"exchange map suggest >> {project.temporary}/registry/answer_map.csv")
    done = project.attempt(f"EXCHANGE_REGISTRY={project.temporary}/registry exchange map suggest")
    assert done.returncode == 1 and "question_code" in done.stderr


def test_the_documentation_is_one_page_that_loads_nothing(project: ProjectCopy) -> None:
    stamp = SCRIPTS.parent / ".installed"
    said = project.run(f"make docs VENV={SCRIPTS.parent} -o {stamp} -o requirements.lock -o pyproject.toml")
    page = project.home / "docs" / "index.html"
    assert f"file://{page}" in said
    text = page.read_text(encoding="utf-8")
    assert "default-src 'none'" in text[:1000] and "connect-src 'none'" in text[:1000]
    for name in ("partner_views", "dashboard", "fct_voter_responses", "Grain: one row per live response event"):
        assert name in text
    assert '"send_anonymous_usage_stats": true' not in text
