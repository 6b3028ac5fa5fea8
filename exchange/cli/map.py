"""`exchange map`: what answers mean. Prints the lines that answer_map.csv lacks."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from exchange.cli.console import console, print_json, table
from exchange.errors import ExchangeError, Place
from exchange.registry import Registry, load_registry
from exchange.scaffold import suggestions
from exchange.scaffold.suggestions import Unmapped
from exchange.settings import Settings
from exchange.warehouse.bootstrap import administrator

app = typer.Typer(help="Say what delivered answers mean (answer_map.csv).", no_args_is_help=True, add_completion=False)


@app.callback()
def _map() -> None:
    """Make `app` a group although it holds one command."""


@app.command()
def suggest(
    out: Annotated[
        Path | None, typer.Option(help="A new file for the lines, with header; else they go to stdout.")
    ] = None,
    partner_id: Annotated[str, typer.Option("--partner", help="Of this partner alone.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print lines, counts and hints as JSON.")] = False,
) -> None:
    """Print the lines of answer_map.csv for answers in quarantine; what they mean is left to you.

    Counts, dates and the nearest known answer go to stderr. A line that is not filled in keeps the registry from
    loading; `ignore` as its question_code says: known, not taken.
    """
    settings = Settings()
    registry = load_registry(settings.registry)
    if partner_id:
        registry.partner(partner_id)
    with administrator(settings) as connection:
        answers = [a for a in suggestions.unmapped(connection) if partner_id in ("", a.partner_id)]
    if as_json:
        print_json([_document(answer, registry) for answer in answers])
        return
    _explain(answers, registry)
    lines = [suggestions.map_line(answer) for answer in answers]
    if out is not None:
        _write(out, [suggestions.header(), *lines])
    else:
        for line in lines:
            print(line)


def _document(answer: Unmapped, registry: Registry) -> dict[str, object]:
    hint = suggestions.hint(answer, registry)
    return {**asdict(answer), "line": suggestions.map_line(answer), "hint": None if hint is None else asdict(hint)}


def _explain(answers: list[Unmapped], registry: Registry) -> None:
    shown = console(stderr=True)
    if not answers:
        shown.print("Every answer has its meaning: nothing is in quarantine for want of a line.")
        return
    columns = ["partner", "question", "answer", "lines", "first", "last", "nearest known"]
    rows = [
        (
            answer.partner_id,
            answer.source_question,
            answer.source_answer,
            answer.line_count,
            answer.first_on.isoformat(),
            answer.last_on.isoformat(),
            suggestions.hint(answer, registry),
        )
        for answer in answers
    ]
    shown.print(table("Answers without a meaning", columns, rows, numbers=["lines"]))


def _write(out: Path, lines: list[str]) -> None:
    try:
        with out.open("x", encoding="utf-8", newline="") as file:
            file.writelines(f"{line}\n" for line in lines)
    except FileExistsError:
        raise ExchangeError(
            "The file exists already; nothing was written.", place=Place(file=str(out)), remedy="Name another --out."
        ) from None
    console(stderr=True).print(f"{len(lines) - 1} lines in {out}", markup=False)
