"""The how-to pages, followed literally: every command of a page is run as it stands there, in a copy of the project."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.project_copy import ROOT, ProjectCopy

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProjectCopy]:
    """The demo exchange, small, refreshed once: where every page begins."""
    project = ProjectCopy(tmp_path_factory.mktemp("followed"))
    try:
        project.run(f"exchange demo --out {project.home} --voters 600 --contacts 1500 && exchange refresh")
        yield project
    finally:
        project.attempt("exchange db stop")


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page, without the indentation of the list item they stand in."""
    found = []
    lines = iter((ROOT / "docs" / page).read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.lstrip().startswith("```"):
            indent, _, said = line.partition("```")
            body = list(itertools.takewhile(f"{indent}```".__ne__, lines))
            if said == language:
                found.append("".join(f"{inner.removeprefix(indent)}\n" for inner in body))
    return found


def follow(project: ProjectCopy, page: str) -> list[str]:
    """What each block of commands printed."""
    commands = blocks(page, "bash")
    assert commands
    return [project.run(block) for block in commands]


def query(project: ProjectCopy, statement: str) -> list[dict[str, Any]]:
    url = project.run("exchange db url").strip()
    with psycopg.connect(url, row_factory=dict_row, autocommit=True) as connection:
        return connection.execute(statement.encode()).fetchall()


def test_add_a_partner(project: ProjectCopy) -> None:
    said = follow(project, "add-a-partner.md")
    # the rules of its side, and the one for all partners
    assert "r03" in said[0] and "r09" in said[0]
    assert "p_" in said[-1]
    url = json.loads(project.run("exchange partner rotate-password river_alliance --json"))["url"]
    with psycopg.connect(url, row_factory=dict_row) as door:
        answers = door.execute("select state, contributor, is_own from voter_responses").fetchall()
        terms = door.execute("select * from sharing_terms").fetchall()
    assert answers and terms
    # an independent partner of PA from whom the coordinated side withholds
    assert {(row["state"], row["contributor"], row["is_own"]) for row in answers} == {("PA", None, False)}
    again = project.attempt(blocks("add-a-partner.md", "bash")[0])
    assert again.returncode == 1
    assert "already" in again.stderr


def test_add_a_feed(project: ProjectCopy) -> None:
    follow(project, "add-a-feed.md")
    feeds = {feed["feed_id"]: feed for feed in json.loads(project.run("exchange status --json"))["feeds"]}
    feed = feeds["reyes_town_halls"]
    assert (feed["records"], feed["quarantined"], feed["expected_every_hours"]) == (3, 2, 168)
    quarantined = query(
        project,
        "select line_number, problem from ops.ops_quarantined_rows"
        " where feed_id = 'reyes_town_halls' order by line_number",
    )
    assert [row["line_number"] for row in quarantined] == [2, 4]
    assert "answer map" in quarantined[0]["problem"] and "12 September" in quarantined[1]["problem"]


def test_map_answers(project: ProjectCopy) -> None:
    said = follow(project, "answer-map.md")
    assert said[0] == blocks("answer-map.md", "")[0]
    # after the refresh's own words, no line
    assert "Okafor ID" not in said[-1]
    left = query(project, "select * from ops.ops_unmapped_answers where partner_id = 'okafor_for_senate'")
    assert left == []


def test_add_a_source_system(project: ProjectCopy) -> None:
    follow(project, "add-a-source-system.md")
    lines = query(
        project,
        "select source_record_key, contact_result, question_code, answer_code, problem"
        " from intermediate.int_contact_lines__resolved where file_format = 'dialer_calls' order by 1",
    )
    assert [tuple(line.values()) for line in lines] == [
        ("c-1", "canvassed", "turnout_intent", 1, None),
        ("c-2", "not_home", None, None, None),
    ]
    left = project.attempt("grep -rniE 'fill.in' models/staging/dialer expectations/dialer_calls.py")
    assert left.returncode == 1, left.stdout
    # what CI says of Python it says of the scaffolded module too
    project.run("ruff check expectations && ruff format --check expectations")


def test_add_a_model(project: ProjectCopy) -> None:
    production = (
        "select oid::bigint, relname, relfilenode::bigint from pg_class where relnamespace in"
        " ('staging'::regnamespace, 'intermediate'::regnamespace, 'marts'::regnamespace, 'registry'::regnamespace)"
        " order by oid"
    )
    before = query(project, production)
    follow(project, "add-a-model.md")
    assert query(project, production) == before
    # USER or EXCHANGE_DEVELOPER as it is: a name in a schema is letters, digits and _
    (counts,) = query(
        project,
        "select sum(answer_count) as sampled, (select count(*) from marts.fct_voter_responses) as whole"
        " from dev_ana_o_neil_marts.answers_by_month",
    )
    assert 0 < counts["sampled"] < counts["whole"]
    (follower,) = query(project, "select sum(answer_count) as answers from dev_ana_o_neil_marts.answers_by_voter")
    assert follower["answers"] == counts["sampled"]
