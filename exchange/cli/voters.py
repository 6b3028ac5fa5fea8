"""`exchange voters`: a state's voter files, taken into raw through the same intake as every delivery."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from exchange.cli.console import console, print_error, print_json, table
from exchange.cli.voter_feeds import NoFeedError, chosen_feed, known_state
from exchange.errors import ExchangeError
from exchange.registry import Feed, Registry, load_registry
from exchange.settings import Settings

app = typer.Typer(help="Load voter files of a state.", no_args_is_help=True, add_completion=False)

NEXT = "exchange refresh"


@app.callback()
def _voters() -> None:
    """Keep `load` a command of its own name although it is the only one."""


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file. Grain: one file as given. status: loaded, already_loaded or refused."""

    file: str
    status: str
    feed_id: str | None = None
    file_format: str | None = None
    records: int | None = None
    loaded: int | None = None
    rejected: int | None = None
    error: ExchangeError | None = None

    def described(self) -> dict[str, Any]:
        told = {name: value for name, value in vars(self).items() if name != "error"}
        error = self.error
        return told | {
            "line": error.place.line if error else None,
            "problem": str(error) if error else None,
            "remedy": error.remedy if error else None,
            "feeds_line": error.feeds_line if isinstance(error, NoFeedError) else None,
        }


@app.command()
def load(
    state: Annotated[str, typer.Argument(metavar="STATE", help="Two letters, such as NC.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Voter files, each as it is or in a zip.")],
    feed: Annotated[str | None, typer.Option(metavar="FEED", help="Take them as files of this feed.")] = None,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="The file is complete although far smaller than the one before.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Take voter files of a state into raw; `exchange refresh` then builds the spine from them.

    Which format each file is of is told by its header line or by its columns. Exit code 1 if a file was refused:
    nothing of it is loaded, the others are.
    """
    settings = Settings()
    registry = load_registry(settings.registry)
    state = known_state(registry, state)
    chosen = {path: chosen_feed(registry, state, path, feed) for path in files}
    outcomes, refresh_id = _take(settings, registry, chosen, accept_shrink)
    is_new = any(outcome.status == "loaded" for outcome in outcomes)
    if as_json:
        shown = [outcome.described() for outcome in outcomes]
        print_json({"state": state, "refresh_id": refresh_id, "files": shown, "next": NEXT if is_new else None})
    else:
        _print(state, outcomes, is_new)
    raise typer.Exit(1 if any(outcome.error for outcome in outcomes) else 0)


def _take(
    settings: Settings, registry: Registry, chosen: dict[Path, Feed | ExchangeError], accept_shrink: bool
) -> tuple[list[FileOutcome], int | None]:
    from exchange.intake import clock, raw_tables
    from exchange.warehouse.bootstrap import bootstrap
    from exchange.warehouse.connection import connect, ensure_running
    from exchange.warehouse.run_lock import only_run

    if not any(isinstance(feed, Feed) for feed in chosen.values()):
        return [_refused(path, error) for path, error in chosen.items() if isinstance(error, ExchangeError)], None
    ensure_running(settings)
    bootstrap(settings)
    with only_run(settings), connect(settings, "loader", autocommit=True) as conn:
        raw_tables.create(conn)
        refresh_id = clock.begin_refresh(conn, settings, registry.digest())
        return [
            _refused(path, feed)
            if isinstance(feed, ExchangeError)
            else _taken(conn, settings, feed, refresh_id, path, accept_shrink)
            for path, feed in chosen.items()
        ], refresh_id


def _taken(conn: Any, settings: Settings, feed: Feed, refresh_id: int, path: Path, accept_shrink: bool) -> FileOutcome:
    from exchange.intake.feeds import take_files
    from exchange.intake.inbox import WaitingFile

    # the operator's own path: a link is followed, unlike in an inbox, which partners write
    real = path.resolve()
    status = real.stat()
    name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
    waiting = WaitingFile(real, name, status.st_size, status.st_mtime_ns)
    intake = take_files(conn, settings, feed, refresh_id, [waiting], accept_shrink)
    if intake.refused:
        return FileOutcome(str(path), "refused", feed.feed_id, feed.file_format, error=intake.refused[0].error)
    if not intake.loaded:
        return FileOutcome(str(path), "already_loaded", feed.feed_id, feed.file_format)
    (loaded,) = intake.loaded
    counts = (loaded.records, loaded.loaded, loaded.rejected)
    return FileOutcome(str(path), "loaded", feed.feed_id, feed.file_format, *counts)


def _refused(path: Path, error: ExchangeError) -> FileOutcome:
    return FileOutcome(str(path), "refused", error=error)


def _print(state: str, outcomes: Sequence[FileOutcome], is_new: bool) -> None:
    columns = ["file", "feed", "format", "result", "records", "loaded", "rejected"]
    rows = [
        [one.file, one.feed_id, one.file_format, one.status.replace("_", " "), one.records, one.loaded, one.rejected]
        for one in outcomes
    ]
    console().print(table(f"Voter files of {state}", columns, rows, numbers=columns[4:]))
    for outcome in outcomes:
        if outcome.error:
            print_error(outcome.error)
        if isinstance(outcome.error, NoFeedError):
            # outside the panel, which would break the line
            print(outcome.error.feeds_line, file=sys.stderr)
    if is_new:
        console().print(f"Next: {NEXT}")
