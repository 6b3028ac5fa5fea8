"""What every command prints with: tables on stdout, problems on stderr, JSON where a script reads it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from exchange.errors import ExchangeError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

PIPE_WIDTH = 160


@cache
def console(*, stderr: bool = False) -> Console:
    """The terminal. Lines are never broken; tables fit the terminal, or have room in a pipe."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, soft_wrap=True, width=None if stream.isatty() else PIPE_WIDTH)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, numbers: Sequence[str] = ()) -> Table:
    """A table whose `numbers` columns are right-aligned; null is an empty cell, never the word None."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(title=title, title_justify="left", box=SIMPLE_HEAD, title_style="bold", pad_edge=False)
    for column in columns:
        is_number = column in numbers
        # a narrow terminal breaks names and never figures
        header = column.replace(" ", "\n").replace("_", "_\n", 1) if is_number else column
        made.add_column(header, justify="right" if is_number else "left", overflow="fold", no_wrap=is_number)
    for row in rows:
        made.add_row(*(cell(value) for value in row))
    return made


def cell(value: Any) -> str:
    """A value as people read it: 12,345 · 2026-10-15 18:03 UTC · empty for null. Brackets are text."""
    from rich.markup import escape

    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    return escape(str(value))


def print_json(data: Any) -> None:
    """One JSON document on stdout; times in ISO form."""
    print(json.dumps(data, indent=2, default=_json_value, ensure_ascii=False))


def print_error(error: ExchangeError) -> None:
    """A problem, or all problems an error carries, on stderr; no traceback."""
    from rich.panel import Panel
    from rich.text import Text

    problems: Sequence[ExchangeError] = getattr(error, "problems", None) or [error]
    text = Text("\n\n".join(str(problem) for problem in problems))
    title = "problem" if len(problems) == 1 else f"{len(problems)} problems"
    console(stderr=True).print(Panel(text, title=title, title_align="left", border_style="red"), soft_wrap=False)


def _json_value(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
