"""A new dbt model: its SQL and its YAML, in the house structure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from exchange.errors import ExchangeError
from exchange.scaffold.files import Made, write
from exchange.scaffold.model_files import UNKNOWN_TYPE, Model, model_sql, model_yml
from exchange.scaffold.names import checked
from exchange.scaffold.parents import LAYERS, READS, Column, Parent, find_parent

_PREFIXES = {"intermediate": "int_", "ops": "ops_"}


def new_model(
    root: Path, registry: Path, layer: str, name: str, parents: Sequence[str], grain: str, key: Sequence[str]
) -> Made:
    """Write `models/<layer>/<name>.sql` and `.yml`. Raises ExchangeError, and writes nothing, if the model exists or
    could not be: a parent of a later layer, a key that no parent has.
    """
    _check_name(root, registry, layer, name)
    found = tuple(find_parent(root, registry, parent) for parent in dict.fromkeys(parents))
    _check_direction(layer, found)
    model = _model(layer, name, grain, key, found)
    folder = root / "models" / layer
    sql, yml = folder / f"{name}.sql", folder / f"{name}.yml"
    write({sql: model_sql(model), yml: model_yml(model)})
    return Made((sql, yml), (), _steps(model))


def _check_name(root: Path, registry: Path, layer: str, name: str) -> None:
    checked(name, "model")
    if layer not in READS:
        raise ExchangeError(
            "Models of this layer are not made this way.",
            expected=f"one of {', '.join(READS)}",
            got=layer,
            remedy="`exchange new system` makes staging models." if layer == "staging" else None,
        )
    prefix = _PREFIXES.get(layer, "")
    if not name.startswith(prefix):
        raise ExchangeError(
            f"A model of {layer} has another name.", expected=f"a name such as {prefix}{name}", got=name
        )
    # a seed too: `ref` takes both by name alone
    folders = [*(root / "models" / known for known in LAYERS), root / "seeds" / "vocabulary", registry]
    for path in (path for folder in folders for path in folder.rglob(f"{name}.*")):
        raise ExchangeError(f"There is such a model or seed already, {path}; nothing was written.", got=name)


def _check_direction(layer: str, parents: tuple[Parent, ...]) -> None:
    for parent in parents:
        if parent.layer not in READS[layer]:
            raise ExchangeError(
                f"A model of {layer} may not read one of {parent.layer}: data moves in one direction.",
                expected=f"a model of {', '.join(sorted(READS[layer]))}",
                got=parent.name,
            )


def _model(layer: str, name: str, grain: str, key: Sequence[str], parents: tuple[Parent, ...]) -> Model:
    columns: dict[str, tuple[Parent, Column]] = {}
    for parent in parents:
        for column in parent.columns:
            columns.setdefault(column.name, (parent, column))
    missing = [column for column in key if column not in columns]
    if missing:
        raise ExchangeError(
            "No parent has this column of the key; nothing was written.",
            expected=f"one of {', '.join(columns)}",
            got=missing[0],
            remedy="Begin with columns of the parents; name another key in the YAML once the model makes it.",
        )
    ordered = (*key, *(column for column in columns if column not in key))
    shared = {other.name: _shared(parents[0], other, key) for other in parents[1:]}
    grain = grain.strip().removeprefix("Grain:").strip()
    return Model(
        layer,
        name,
        grain if grain.endswith(".") else f"{grain}.",
        tuple(key),
        parents,
        tuple(columns[column] for column in ordered),
        shared,
    )


def _shared(first: Parent, other: Parent, key: Sequence[str]) -> tuple[str, ...]:
    """What joins the two: the columns of the key that both have, if any; anything else would be a guess."""
    names = {column.name for column in first.columns} & {column.name for column in other.columns}
    return tuple(column for column in key if column in names)


def _steps(model: Model) -> tuple[str, ...]:
    untyped = [column.name for _, column in model.columns if column.data_type is None] if model.has_contract else []
    is_open = any(not shared for shared in model.shared.values())
    return (
        *(
            (f"{model.name}.sql: fill in how the parents belong together; dbt does not parse until then",)
            if is_open
            else ()
        ),
        f"{model.name}.sql: keep the columns it needs, and make the rows its grain says",
        *((f"{model.name}.yml: the data_type {UNKNOWN_TYPE} of {', '.join(untyped)}",) if untyped else ()),
        f"{model.name}.yml: a unit test of its rule in place of fill_in_{model.name}, which fails",
        f"dbt build --target dev --select +{model.name} --indirect-selection cautious: in your schemas, from a sample",
        "make check",
    )
