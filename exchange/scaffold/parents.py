"""What a new model can read: models with their described columns, and seeds."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from exchange.errors import ExchangeError, Place

LAYERS = ("staging", "intermediate", "marts", "ops", "sharing")
SEEDS = "seeds"
# layer -> what it may read; staging and intermediate are private to the group `core` (dbt_project.yml)
READS = {
    "intermediate": {"staging", "intermediate", SEEDS},
    "marts": {"staging", "intermediate", "marts", SEEDS},
    "ops": {"staging", "intermediate", "marts", "ops", SEEDS},
    "sharing": {"marts", "ops", "sharing", SEEDS},
}


@dataclass(frozen=True)
class Column:
    """data_type: None where the parent has no contract."""

    name: str
    description: str
    data_type: str | None


@dataclass(frozen=True)
class Parent:
    """One relation that a model can `ref`."""

    name: str
    layer: str
    columns: tuple[Column, ...]


def find_parent(root: Path, registry: Path, name: str) -> Parent:
    """Raises ExchangeError, with names that are close, if there is no such model or seed."""
    known = {path.stem: path for layer in LAYERS for path in sorted((root / "models" / layer).rglob("*.sql"))}
    seeds = {path.stem: path for folder in (root / "seeds" / "vocabulary", registry) for path in folder.glob("*.csv")}
    if name in known:
        path = known[name]
        layer = path.relative_to(root / "models").parts[0]
        return Parent(name, layer, _model_columns(path.with_suffix(".yml"), name))
    if name in seeds:
        return Parent(name, SEEDS, _seed_columns(root, seeds[name]))
    close = get_close_matches(name, [*known, *seeds], n=3, cutoff=0.5)
    raise ExchangeError(
        "There is no such model or seed; nothing was written.",
        expected=f"perhaps {' or '.join(close)}" if close else "the name of a model, as in fct_voter_responses",
        got=name,
    )


def _model_columns(path: Path, name: str) -> tuple[Column, ...]:
    content: Any = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    described: Any = next((model for model in content.get("models", []) if model["name"] == name), {})
    columns = tuple(
        Column(column["name"], column.get("description", ""), column.get("data_type"))
        for column in described.get("columns", [])
    )
    if not columns:
        raise ExchangeError(
            "The model describes no columns; nothing was written.",
            place=Place(file=str(path)),
            remedy="Describe it first: a new model lists what it takes.",
        )
    return columns


def _seed_columns(root: Path, path: Path) -> tuple[Column, ...]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        header = next(csv.reader(lines))
    project: Any = yaml.safe_load((root / "dbt_project.yml").read_text(encoding="utf-8"))
    seeds: Mapping[str, Any] = project["seeds"]["exchange"]
    types: Mapping[str, str] = seeds.get(path.stem, {}).get("+column_types", {})
    return tuple(Column(name, f"As in {path.name}.", types.get(name)) for name in header)
