"""`exchange as-of`: what did we know then?"""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from exchange import history
from exchange.audit.log import record_export
from exchange.cli.console import console, print_json, table
from exchange.errors import ExchangeError, Place
from exchange.history import Filters, Publication, WithdrawnSince
from exchange.registry import Registry, load_registry
from exchange.registry.rows import OfficeLevel
from exchange.settings import Settings
from exchange.warehouse.bootstrap import administrator

OFFICE_LEVELS = [str(level) for level in get_args(OfficeLevel)]
TOPIC = ("office_level", "contest_id", "candidate_id", "question_code")


def as_of(
    moment: Annotated[str, typer.Argument(metavar="DATE", help="A day (its end, UTC) or a time, ISO.")],
    state: Annotated[str | None, typer.Option(help="Voters of this state.")] = None,
    question: Annotated[str | None, typer.Option(help="Answers to this question (questions.csv).")] = None,
    contest: Annotated[str | None, typer.Option(help="Answers about this contest (contests.csv).")] = None,
    voter: Annotated[str | None, typer.Option(metavar="STATE/ID", help="List this voter's answers.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write every answer to this CSV file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what the exchange knew at the last publication at DATE or before: the newest answers of all partners.

    For operators: no sharing rule applies. Data that was withdrawn since is not shown, at whatever date.
    """
    settings = Settings()
    filters = _checked(load_registry(settings.registry), Filters(state and state.upper(), question, contest, voter))
    with administrator(settings) as connection:
        publication = history.publication_at(connection, history.instant_of(moment))
        withdrawn = history.withdrawn_since(connection, publication)
        read = history.counts if voter is None else history.voter_answers
        rows = read(connection, publication, filters, OFFICE_LEVELS)
        began = None if rows else history.first_refresh(connection)
        if out is not None:
            # of the one voter, only that it was one
            asked = asdict(replace(filters, voter=None)) | {"is_one_voter": voter is not None}
            record_export(connection, "answers", out, asked | {"publication_id": publication.publication_id})
        written = out and history.write_csv(connection, publication, filters, OFFICE_LEVELS, out)
    if as_json:
        told = {"publication": asdict(publication), "filters": asdict(filters), "answers": rows}
        told["withdrawn_since"] = [asdict(feed) for feed in withdrawn]
        print_json(told | {"file": None if out is None else str(out), "rows_in_file": written})
        return
    _print(publication, rows, withdrawn, voter)
    if began is not None and began > publication.refresh_id:
        console().print(f"The history begins with refresh {began}: what was known before was not recorded.")
    if out is not None:
        console().print(f"{out}: {written:,} answers.", markup=False)


def _checked(registry: Registry, filters: Filters) -> Filters:
    """The filters. Raises ExchangeError for a code that does not exist: its answers would be none, silently."""
    known = {
        "state": (filters.state, [row.state for row in registry.us_states]),
        "question": (filters.question, [row.question_code for row in registry.questions]),
        "contest": (filters.contest, [row.contest_id for row in registry.contests]),
    }
    for name, (value, values) in known.items():
        if value is not None and value not in values:
            raise ExchangeError(
                f"There is no such {name}.", place=Place(column=name), expected=f"one of {', '.join(values)}", got=value
            )
    return filters


def _print(
    publication: Publication, rows: list[dict[str, Any]], withdrawn: list[WithdrawnSince], voter: str | None
) -> None:
    out = console()
    out.print(
        f"Publication {publication.publication_id}, as of {publication.as_of:%Y-%m-%d %H:%M:%S} UTC,"
        f" of refresh {publication.refresh_id}."
    )
    for feed in withdrawn:
        files = "1 file" if feed.files == 1 else f"{feed.files} files"
        out.print(f"Without {files} of {feed.feed_id} ({feed.records:,} lines), withdrawn since.", markup=False)
    if not rows:
        out.print("No answer was known.")
        return
    out.print(_counted(rows) if voter is None else _listed(voter, rows))


def _counted(rows: list[dict[str, Any]]) -> Any:
    numbers = ["voters", "not on ballot", "disagreeing"]
    columns = ["office", "contest", "candidate", "question", "answer", "", *numbers]
    shown, before = [], None
    for row in rows:
        topic = [row[name] for name in TOPIC]
        # a topic is named once; one without an office is about the person
        named = [topic[0] or "(person)", *topic[1:]] if topic != before else [None] * len(topic)
        before = topic
        counts = [row[name.replace(" ", "_")] for name in numbers]
        shown.append([*named, str(row["answer_code"]), row["answer_label"], *counts])
    return table("Answers: voters", columns, shown, numbers=numbers)


def _listed(voter: str, rows: list[dict[str, Any]]) -> Any:
    columns = [*TOPIC, "answer_code", "answer_label", "contact_on", "channel", "partner_id", "known_from"]
    shown = [[str(row[name]) if name == "answer_code" else row[name] for name in columns] for row in rows]
    return table(f"Answers of {voter}", [name.replace("_", " ") for name in columns], shown)
