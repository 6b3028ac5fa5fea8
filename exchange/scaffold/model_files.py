"""The text of the files of a new model."""

from __future__ import annotations

import json
from dataclasses import dataclass

from exchange.scaffold.parents import Column, Parent

# a contract with this type is refused by Postgres: the type must be said, not guessed
UNKNOWN_TYPE = "fill_in"


@dataclass(frozen=True)
class Model:
    """A new model. columns: with the parent each comes from, keys first. shared: columns that join the parents."""

    layer: str
    name: str
    grain: str
    key: tuple[str, ...]
    parents: tuple[Parent, ...]
    columns: tuple[tuple[Parent, Column], ...]
    shared: dict[str, tuple[str, ...]]

    @property
    def body(self) -> str:
        """The CTE that makes the rows: the model's own name without the layer's prefix."""
        name = self.name.removeprefix("int_").removeprefix("ops_").removeprefix("fct_").removeprefix("dim_")
        name = name.replace("__", "_")
        return f"{name}_made" if name in {parent.name for parent in self.parents} else name

    @property
    def has_contract(self) -> bool:
        return self.layer in ("marts", "sharing")


def model_sql(model: Model) -> str:
    """Imports, one CTE with every column at hand, the last select."""
    imports = "".join(
        f"{parent.name} as (\n    select * from {{{{ ref('{parent.name}') }}}}\n),\n\n" for parent in model.parents
    )
    columns = ",\n".join(f"        {parent.name}.{column.name}" for parent, column in model.columns)
    first, *others = model.parents
    joins = "".join(_join(first, other, model.shared[other.name]) for other in others)
    return f"""\
-- Grain: {model.grain}
with

{imports}{model.body} as (
    select
{columns}
    from {first.name}
{joins})

select * from {model.body}
"""


def _join(first: Parent, other: Parent, shared: tuple[str, ...]) -> str:
    if not shared:
        condition = f'{{{{ fill_in("how {first.name} and {other.name} belong together") }}}}'
        return f"    left join {other.name} on {condition}\n"
    conditions = [f"{first.name}.{column} = {other.name}.{column}" for column in shared]
    if len(conditions) == 1:
        return f"    left join {other.name} on {conditions[0]}\n"
    return f"    left join {other.name}\n        on\n            " + "\n            and ".join(conditions) + "\n"


def model_yml(model: Model) -> str:
    """Description, the grain as a test, columns (typed where there is a contract), and a unit test that fails."""
    columns = "".join(_column(model, column) for _, column in model.columns)
    given = "".join(f"      - {{input: ref('{parent.name}'), rows: []}}\n" for parent in model.parents)
    return f"""\
models:
  - name: {model.name}
    description: {_text("Grain: " + model.grain)}
    data_tests:
      - unique_combination:
          name: one_row_per_key_of_{model.name}
          arguments: {{columns: [{", ".join(model.key)}]}}
    columns:
{columns}
unit_tests:
  - name: fill_in_{model.name}
    description: "FILL IN: the rule of this model that could be got wrong, on literal rows. Fails until then."
    model: {model.name}
    given:
{given}    expect:
      rows:
        - {{{model.key[0]}: null}}
"""


def _column(model: Model, column: Column) -> str:
    lines = [f"      - name: {column.name}\n"]
    if model.has_contract:
        lines.append(f"        data_type: {column.data_type or UNKNOWN_TYPE}\n")
    lines.append(f"        description: {_text(column.description)}\n")
    if column.name in model.key:
        lines.append("        data_tests: [not_null]\n")
    return "".join(lines)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
