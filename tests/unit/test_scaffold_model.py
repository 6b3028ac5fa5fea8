"""`exchange new model`: house structure that lints, with what only a person can say left to fail."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from exchange.errors import ExchangeError
from exchange.scaffold.model import new_model
from tests.project_copy import SCRIPTS, ProjectCopy

NEW = (
    ("marts", "contest_answers", ("responses_described", "dim_contests"), "contest_id"),
    ("intermediate", "int_feeds__seen", ("feeds",), "feed_id"),
    ("ops", "ops_contests", ("dim_contests", "candidates"), "contest_id"),
    ("sharing", "contests_shown", ("dim_contests",), "contest_id"),
)


@pytest.fixture
def project(tmp_path: Path) -> ProjectCopy:
    return ProjectCopy(tmp_path / "copy")


def registry(project: ProjectCopy) -> Path:
    return project.root / "seeds" / "registry"


def make(project: ProjectCopy, layer: str, name: str, *parents: str, key: str = "contest_id") -> tuple[str, str]:
    made = new_model(project.root, registry(project), layer, name, parents, "one row per contest", [key])
    sql, yml = (path.read_text(encoding="utf-8") for path in made.created)
    return sql, yml


def test_new_models_lint(project: ProjectCopy) -> None:
    for layer, name, parents, key in NEW:
        sql, yml = make(project, layer, name, *parents, key=key)
        assert sql.startswith("-- Grain: one row per contest.\nwith\n")
        (model,) = yaml.safe_load(yml)["models"]
        assert model["description"] == "Grain: one row per contest."
        assert all(column["description"] for column in model["columns"])
        assert all("data_type" in column for column in model["columns"]) == (layer in ("marts", "sharing"))
    done = subprocess.run(
        [str(SCRIPTS / "sqlfluff"), "lint", *(f"models/{layer}/{name}.sql" for layer, name, _, _ in NEW)],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_its_unit_test_expects_a_row_that_no_input_makes(project: ProjectCopy) -> None:
    _, yml = make(project, "marts", "contest_answers", "dim_contests")
    (test,) = yaml.safe_load(yml)["unit_tests"]
    assert test["given"] == [{"input": "ref('dim_contests')", "rows": []}]
    assert test["expect"] == {"rows": [{"contest_id": None}]}


def test_parents_are_joined_by_the_key_and_by_nothing_else(project: ProjectCopy) -> None:
    sql, _ = make(project, "marts", "contest_answers", "responses_described", "dim_contests")
    assert "left join dim_contests on responses_described.contest_id = dim_contests.contest_id" in sql
    sql, _ = make(project, "marts", "voter_answers", "responses_described", "dim_voters", key="record_id")
    # both have a voter_id and a state, but whether those join them is for a person to say
    assert 'on {{ fill_in("how responses_described and dim_voters belong together") }}' in sql


def test_a_type_that_no_parent_tells_is_not_guessed(project: ProjectCopy) -> None:
    made = new_model(
        project.root, registry(project), "marts", "m", ["int_answers__mapped"], "one row per answer", ["feed_id"]
    )
    assert "data_type: fill_in" in made.created[1].read_text()
    assert any("fill_in" in step and "feed_id" in step for step in made.steps)


@pytest.mark.parametrize(
    ("layer", "name", "parents", "key", "said"),
    [
        ("marts", "dim_voters", ("feeds",), "feed_id", "such a model or seed already"),
        ("sharing", "contests", ("dim_contests",), "contest_id", "such a model or seed already"),
        ("marts", "Month", ("feeds",), "feed_id", "cannot be the name"),
        ("staging", "stg_x__y", ("feeds",), "feed_id", "exchange new system"),
        ("intermediate", "answers", ("feeds",), "feed_id", "int_answers"),
        ("sharing", "leak", ("stg_generic__contacts",), "feed_id", "one direction"),
        ("intermediate", "int_x", ("dim_voters",), "voter_id", "one direction"),
        ("marts", "m", ("fct_voter_response",), "voter_id", "fct_voter_responses"),
        ("marts", "m", ("dim_voters",), "shoe_size", "No parent has"),
    ],
)
def test_a_model_that_cannot_be_is_not_written(
    project: ProjectCopy, layer: str, name: str, parents: tuple[str, ...], key: str, said: str
) -> None:
    before = sorted((project.root / "models").rglob("*"))
    with pytest.raises(ExchangeError) as caught:
        make(project, layer, name, *parents, key=key)
    assert said in str(caught.value)
    assert sorted((project.root / "models").rglob("*")) == before
