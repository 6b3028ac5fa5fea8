"""The sentences a suite is made of. Each gives two expectations: a warning, and a failure when most rows break it.

`expected` and `at_least` are shares (0-1) of the filled values, or of all rows for `filled`. Empty text counts as null:
`run.batch_query` trims. A column that no table has is computed from `meta["sql"]`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.metadata_types import FailureSeverity

VOCABULARY = Path(__file__).resolve().parent.parent / "seeds" / "vocabulary"

# Below this share of a batch the export itself is wrong: another file, slipped columns, another vendor version.
MOST = 0.5
# For what a file may lack by contract: it is worth a word, and never fails a delivery.
OPTIONAL = 0.0

# The shapes are understood alike by Postgres and Python: no \d, no look-around.
DAY = "([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})"
INSTANT = f"^{DAY}([T ][0-9]{{1,2}}:[0-9]{{2}}.*)?$"
STATE = "^[A-Za-z]{2}$"
WHOLE_NUMBER = "^[0-9]+$"
PHONE = r"^[+]?[0-9() .-]{7,20}$"


def filled(*columns: str, expected: float = 1.0, at_least: float = MOST, note: str) -> list[Expectation]:
    """At least one of the columns has a value, in `expected` of the rows."""
    import great_expectations.expectations as gxe

    # Postgres cuts names at 63 bytes: a computed column has a short one
    column = columns[0] if len(columns) == 1 else f"any_of_{columns[0]}"
    meta: dict[str, Any] = {"sql": _first_filled(columns)} if len(columns) > 1 else {}
    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column=column,
            mostly=share,
            severity=severity,
            notes=note,
            meta=meta,
            description=f"{' or '.join(columns)} is filled",
        )
        for share, severity in _levels(expected, at_least)
    ]


def shaped(
    column: str, shape: str, like: str, *, expected: float = 0.98, at_least: float = MOST, note: str
) -> list[Expectation]:
    """The value matches a regular expression; `like` is what a person reads instead of it."""
    import great_expectations.expectations as gxe

    return [
        gxe.ExpectColumnValuesToMatchRegex(
            column=column,
            regex=shape,
            mostly=share,
            severity=severity,
            notes=note,
            description=f"{column} looks like {like}",
        )
        for share, severity in _levels(expected, at_least)
    ]


def one_of(
    column: str, values: Sequence[str], *, expected: float = 0.98, at_least: float = MOST, note: str
) -> list[Expectation]:
    """The value is in a closed list, in whatever case."""
    shown = ", ".join(values[:8]) + (", …" if len(values) > 8 else "")
    shape = f"(?i)^({'|'.join(re.escape(value) for value in values)})$"
    return shaped(column, shape, f"one of {shown}", expected=expected, at_least=at_least, note=note)


def distinct(*columns: str, expected: float = 0.95, note: str) -> list[Expectation]:
    """The columns identify a row of its file. Only a warning: a repeated row is a correction, not an error."""
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    # several deliveries of a snapshot may load together: each repeats the keys of the one before
    sql = f"concat_ws('|', _file_id, {', '.join(trimmed(part) for part in columns)})"
    return [
        gxe.ExpectColumnValuesToBeUnique(
            column=f"key_{columns[0]}",
            mostly=expected,
            severity=FailureSeverity.WARNING,
            notes=note,
            meta={"sql": sql},
            description=f"{' + '.join(columns)} is not repeated within a file",
        )
    ]


@cache
def vocabulary(name: str, column: str, file_format: str | None = None) -> tuple[str, ...]:
    """The values of one column of a shipped vocabulary file, in its order; of one file format if given."""
    with (VOCABULARY / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return tuple(dict.fromkeys(row[column] for row in rows if file_format in (None, row.get("file_format"))))


def _levels(expected: float, at_least: float) -> list[tuple[float, FailureSeverity]]:
    from great_expectations.expectations.metadata_types import FailureSeverity

    levels = [(expected, FailureSeverity.WARNING), (at_least, FailureSeverity.CRITICAL)]
    # a share of zero can never be missed: an optional value only warns
    return [(share, severity) for share, severity in levels if share > 0]


def _first_filled(columns: Sequence[str]) -> str:
    return f"coalesce({', '.join(trimmed(column) for column in columns)})"


def trimmed(column: str) -> str:
    """SQL of a raw column as staging reads it: trimmed, null when empty."""
    return f"nullif(btrim(\"{column}\"), '')"
