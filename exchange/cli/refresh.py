"""`exchange refresh`: one refresh through the Dagster job, then what it took, refused, matched and published."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from exchange.cli import accounting, processes
from exchange.cli.console import console, print_json, table
from exchange.registry import Registry, load_registry
from exchange.settings import Settings
from exchange.warehouse.connection import connect

# superseded and retracted records are the past: `exchange status` tells them
SHOWN_COUNTS = [count for count in accounting.COUNTS if count not in ("superseded", "retracted")]
VIEWS_FIRST = ("voter_responses", "contacts", "voters", "suppressions")


def refresh(
    feed: Annotated[
        list[str] | None, typer.Option(metavar="FEED", help="Take the files of this feed only; may be repeated.")
    ] = None,
    full: Annotated[bool, typer.Option(help="Rebuild incremental models and matches from scratch.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON; progress on stderr.")] = False,
) -> None:
    """Take new files, rebuild, check and publish. Exit code 1 if a file was refused or a check failed.

    The registry is checked first: with a problem in it nothing runs.
    """
    settings = Settings()
    registry = load_registry(settings.registry)
    for feed_id in feed or []:
        registry.feed(feed_id)
    code, run = run_job(settings, feed or [], full=full, quiet_stdout=as_json)
    if run is None:
        # it ended before there was a run, and said why
        raise typer.Exit(code or 1)
    outcome = _outcome(settings, registry) | run | {"succeeded": code == 0}
    if as_json:
        print_json(outcome)
    else:
        _print(outcome)
    raise typer.Exit(0 if code == 0 else 1)


def run_job(
    settings: Settings, feeds: Sequence[str] = (), *, new_files: bool = True, full: bool = False, quiet_stdout: bool
) -> tuple[int, dict[str, Any] | None]:
    """Run the job in a process of its own; its exit code and its report (run_id, seconds, failed checks and steps).

    Without new_files it takes nothing from any inbox.
    """
    # here, where a folder that cannot be made is told without the child's traceback
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="exchange-refresh-") as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "orchestration.refresh", "--report", str(report)]
        command += [part for feed in feeds for part in ("--feed", feed)] + (["--full"] if full else [])
        command += [] if new_files else ["--no-new-files"]
        child = processes.start(command, settings, stdout=sys.stderr if quiet_stdout else None)
        with processes.ending_with_us([child]):
            code = child.wait()
        told = json.loads(report.read_text(encoding="utf-8")) if report.exists() else None
    return code, told


def _outcome(settings: Settings, registry: Registry) -> dict[str, Any]:
    with connect(settings, "admin") as connection:
        newest = accounting.newest_refresh(connection) or {}
        publication = accounting.newest_publication(connection)
        return {
            "refresh_id": newest.get("refresh_id"),
            "as_of": newest.get("as_of"),
            "feeds": [asdict(account) for account in accounting.accounts(connection, registry.feeds)],
            "refused": [asdict(refusal) for refusal in accounting.refusals(connection)],
            "publication": publication,
            "is_new_publication": bool(publication and publication["refresh_id"] == newest.get("refresh_id")),
            "partners": accounting.view_rows(connection),
        }


def _print(outcome: Mapping[str, Any]) -> None:
    out = console()
    columns = ["feed", "new files", "new records", *SHOWN_COUNTS]
    rows = [
        [account["feed_id"], account["new_files"], account["new_records"], *(account[c] for c in columns[3:])]
        for account in outcome["feeds"]
    ]
    out.print(table("Feeds (new: this refresh; the rest: all so far)", columns, rows, numbers=columns[1:]))
    views = sorted({view for rows in outcome["partners"].values() for view in rows}, key=_view_order)
    shown = [view for view in views if view in VIEWS_FIRST or view.startswith("my_")]
    partners = [[name, *(rows.get(view) for view in shown)] for name, rows in outcome["partners"].items()]
    out.print(table("Partners: rows of their views", ["partner", *shown], partners, numbers=shown))
    _print_problems(outcome)
    publication = outcome["publication"]
    if publication and outcome["is_new_publication"]:
        out.print(f"Publication {publication['publication_id']}, {outcome['seconds']} s.")
    else:
        last = f"the last is {publication['publication_id']}" if publication else "there is none yet"
        reason = "Nothing was published" if outcome["failed_steps"] else "No view changed"
        out.print(f"{reason}; {last}. {outcome['seconds']} s.")


def _print_problems(outcome: Mapping[str, Any]) -> None:
    err = console(stderr=True)
    for refusal in outcome["refused"]:
        line = f", line {refusal['line']}" if refusal["line"] else ""
        place = f"{refusal['feed_id']}: {refusal['file_name']}{line}"
        _say(err, "red", "refused", f"{place}: {refusal['problem']} {refusal['remedy'] or ''}")
    for check in outcome["failed_checks"]:
        if check["check"] == "every_file_was_taken":
            # its refused files are told above, each with line and remedy
            continue
        colour, word = ("red", "failed") if check["severity"] == "ERROR" else ("yellow", "warning")
        _say(err, colour, word, f"{check['asset']}: {check['check']}: {check['description']}")
    for step in outcome["failed_steps"]:
        _say(err, "red", "failed", f"{step['step']}: {step['problem']}")


def _say(err: Any, colour: str, word: str, text: str) -> None:
    from rich.text import Text

    err.print(Text.assemble((f"{word:<8}", f"bold {colour}"), text.rstrip()))


def _view_order(view: str) -> tuple[int, str]:
    return (VIEWS_FIRST.index(view) if view in VIEWS_FIRST else len(VIEWS_FIRST), view)
