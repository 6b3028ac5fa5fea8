"""The dbt project as dbt parses it: layers hold, every model says its grain. Parsing needs no database."""

from __future__ import annotations

import json
import os
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
def models(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Grain: one per model of the manifest, with its layer and parents."""
    target = tmp_path_factory.mktemp("target")
    result = parse(ROOT, target)
    assert result.returncode == 0, result.stdout
    manifest = json.loads((target / "manifest.json").read_text())
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
