"""The dbt project as dbt parses it: layers hold, every model says its grain. Parsing needs no database."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ["staging", "intermediate", "marts", "ops", "sharing"]
DBT = Path(sys.executable).parent / "dbt"


def parse(project: Path, target: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DBT_PROFILES_DIR": str(ROOT / "dbt_project"),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "EXCHANGE_REGISTRY": "seeds/registry",
    }
    return subprocess.run(
        [DBT, "--no-use-colors", "parse"], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    target = tmp_path_factory.mktemp("target")
    result = parse(ROOT, target)
    assert result.returncode == 0, result.stdout
    content: dict[str, Any] = json.loads((target / "manifest.json").read_text())
    return content


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Grain: one per model of the manifest, with its layer and parents."""
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def layer(model: dict[str, Any]) -> str:
    return Path(model["original_file_path"]).parts[1]


def test_every_model_says_its_grain_first(models: list[dict[str, Any]]) -> None:
    silent = [model["name"] for model in models if not model["description"].startswith("Grain: ")]
    assert not silent


def test_every_column_is_described(models: list[dict[str, Any]]) -> None:
    silent = [
        f"{model['name']}.{column['name']}"
        for model in models
        for column in model["columns"].values()
        if not column["description"]
    ]
    assert not silent


def test_marts_and_sharing_have_contracts(models: list[dict[str, Any]]) -> None:
    without = [m["name"] for m in models if layer(m) in ("marts", "sharing") and not m["contract"]["enforced"]]
    assert not without


def test_names_of_unit_tests_fit_into_postgres(manifest: dict[str, Any]) -> None:
    """dbt makes a table of the name: of 64 letters or more it runs nowhere."""
    assert [test["name"] for test in manifest["unit_tests"].values() if len(test["name"]) > 63] == []


def test_data_moves_in_one_direction(models: list[dict[str, Any]]) -> None:
    """A mart that reads sharing, or staging that reads a mart, would make a cycle of layers that dbt itself allows."""
    layers = {model["unique_id"]: layer(model) for model in models}
    backwards = [
        (model["name"], parent)
        for model in models
        for parent in model["depends_on"]["nodes"]
        if parent in layers and LAYERS.index(layers[parent]) > LAYERS.index(layer(model))
    ]
    assert not backwards


@pytest.fixture(scope="module")
def following(models: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Grain: one per model that touches only what changed (macros/incremental/following.sql)."""
    found = [model for model in models if "keys" in model["config"]["meta"]]
    assert len(found) > 40
    return found


def settings(model: dict[str, Any]) -> tuple[list[str], dict[str, Any], list[str]]:
    """keys, touched_by, tells of a model that follows changes."""
    meta = model["config"]["meta"]
    return meta["keys"], meta["touched_by"], meta.get("tells", [])


def test_every_incremental_model_follows_changes_or_only_gives_numbers(models: list[dict[str, Any]]) -> None:
    """One with a filter of its own, as by the greatest date, would miss what comes late and what is corrected."""
    others = [
        model["name"]
        for model in models
        if model["config"]["materialized"] == "incremental"
        and "keys" not in model["config"]["meta"]
        and not model["name"].endswith("_keys")
    ]
    assert not others
    own_filter = [
        model["name"]
        for model in models
        if "is_incremental()" in model["raw_code"] and model["config"]["full_refresh"] is not False
    ]
    assert not own_filter


def test_every_model_that_is_read_is_followed_or_said_to_be_told_by_another(
    models: list[dict[str, Any]], following: list[dict[str, Any]]
) -> None:
    """A change in a model that is not named would leave old rows for good; dbt would say so only in a refresh. One that
    is named and not above it may be built later: its changes would be seen a refresh late.
    """
    parents = {model["unique_id"]: set(model["depends_on"]["nodes"]) for model in models}

    def above(node: str) -> set[str]:
        return parents.get(node, set()).union(*(above(parent) for parent in parents.get(node, set())))

    for model in following:
        _, touched_by, _ = settings(model)
        read = {node.split(".")[-1] for node in model["depends_on"]["nodes"] if node.startswith("model.")}
        # {}: computed in every build
        assert not touched_by or read <= touched_by.keys(), model["name"]
        known = {node.split(".", 2)[-1] for node in above(model["unique_id"])}
        assert touched_by.keys() <= known, f"{model['name']} follows what it does not read"


def test_what_a_model_follows_is_told(models: list[dict[str, Any]], following: list[dict[str, Any]]) -> None:
    """The columns that say which groups a change touches are among those that are noted there; also behind views."""
    by_id = {model["unique_id"]: model for model in models}

    def tables(model: dict[str, Any]) -> list[dict[str, Any]]:
        if model["config"]["materialized"] != "view":
            return [model]
        parents = [by_id[node] for node in model["depends_on"]["nodes"] if node in by_id]
        return [table for parent in parents for table in tables(parent)]

    by_name = {model["name"]: model for model in models}
    for model in following:
        keys, touched_by, _ = settings(model)
        for name, columns in touched_by.items():
            if columns is False or "." in name:
                continue
            assert columns is not None or not keys, f"{model['name']}: any change of {name} touches everything"
            wanted = set(columns.values() if isinstance(columns, dict) else columns or [])
            for table in tables(by_name[name]):
                assert "keys" in table["config"]["meta"], (
                    f"{model['name']} follows {table['name']}, which notes nothing"
                )
                assert wanted <= set(settings(table)[2]), f"{table['name']} does not tell {model['name']} enough"


def test_rows_are_told_apart_and_groups_exist(following: list[dict[str, Any]]) -> None:
    """Keys and told columns are columns of the model; all of a group's columns are known without a look at its rows."""
    for model in following:
        keys, _, tells = settings(model)
        unique_key = model["config"]["unique_key"]
        assert unique_key or model["config"]["full_refresh"] is False, f"{model['name']} has no unique_key"
        assert {*keys, *tells, *(unique_key or [])} <= model["columns"].keys(), model["name"]
        assert (
            "touched(" in model["raw_code"]
            or "unpublished(" in model["raw_code"]
            or "delivered_lines(" in model["raw_code"]
            or not model["config"]["meta"]["touched_by"]
        ), f"{model['name']} computes everything and follows only a part"


def test_unit_tests_of_following_models_ask_for_no_touched_groups(
    manifest: dict[str, Any], following: list[dict[str, Any]]
) -> None:
    """Where the model exists, dbt would look for the table of touched groups, which only a build has."""
    names = {model["name"] for model in following}
    without = []
    for test in manifest["unit_tests"].values():
        macros = (test["overrides"] or {}).get("macros", {})
        if test["model"] in names and macros.get("is_incremental") is not False and "touched" not in macros:
            without.append(test["name"])
    assert not without


# a number in them means for good what it means now
NUMBERED_FOR_GOOD = {"dim_partners", "dim_feeds"}


def test_what_views_of_persons_are_made_of_touches_their_voters(models: list[dict[str, Any]]) -> None:
    """A mart that a sharing model reads beside the touched voters, without its changes touching them, would show old
    rows until everything is rebuilt.
    """
    by_name = {model["name"]: model for model in models}
    meta = by_name["touched_voters"]["config"]["meta"]
    followed = {name for name, columns in meta["touched_by"].items() if columns} | set(meta["reads_changes_of"])
    children: dict[str, set[str]] = {}
    for model in models:
        for node in model["depends_on"]["nodes"]:
            children.setdefault(node.split(".")[-1], set()).add(model["name"])

    def below(name: str) -> set[str]:
        return children.get(name, set()).union(*(below(child) for child in children.get(name, set())))

    read = {
        (model, node.split(".")[-1])
        for model in below("touched_voters")
        for node in by_name[model]["depends_on"]["nodes"]
        if node.startswith("model.") and layer(by_name[node.split(".")[-1]]) != "sharing"
    }
    assert read
    assert {(model, mart) for model, mart in read if mart not in followed | NUMBERED_FOR_GOOD} == set()
    # words of the vocabulary that the rows show
    words = {
        node.split(".")[-1]
        for model in below("touched_voters")
        for node in by_name[model]["depends_on"]["nodes"]
        if node.startswith("seed.")
    }
    assert words <= {node.split(".")[-1] for node in by_name["touched_voters"]["depends_on"]["nodes"]}


def test_a_sharing_model_that_reads_staging_does_not_parse(tmp_path: Path) -> None:
    """Groups and access are what stops it: without them a careless model could publish unmasked lines."""
    for name in ("macros", "seeds", "dbt_project", "models"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "dbt_project.yml", tmp_path)
    sharing = tmp_path / "models" / "sharing"
    (sharing / "leak.sql").write_text("select * from {{ ref('stg_generic__contacts') }}\n")
    (sharing / "leak.yml").write_text("models: [{name: leak, columns: [{name: feed_id, data_type: text}]}]\n")

    result = parse(tmp_path, tmp_path / "target")

    assert result.returncode != 0
    assert "stg_generic__contacts" in result.stdout
    assert "not allowed" in result.stdout


def test_no_model_asks_the_clock() -> None:
    """What a row says must not depend on the day it was built: a file is read once, a rebuild must give the same."""
    clocks = re.compile(r"\b(current_date|current_timestamp|localtimestamp|clock_timestamp|now\s*\(\))", re.IGNORECASE)
    asking = [
        str(path.relative_to(ROOT))
        for folder in ("models", "macros", "dbt_project")
        for path in sorted((ROOT / folder).rglob("*.sql"))
        if clocks.search(re.sub(r"--.*", "", path.read_text(encoding="utf-8")))
    ]
    assert asking == []
