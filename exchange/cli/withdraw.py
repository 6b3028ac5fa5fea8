"""`exchange withdraw`: a partner's files, or one of them, leave the warehouse and every view."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from string import hexdigits
from typing import Annotated, Any

import typer

from exchange.audit.log import record
from exchange.cli.console import console, print_json, table
from exchange.cli.refresh import run_job
from exchange.errors import ExchangeError
from exchange.intake.withdrawal import (
    ContributedFile,
    chosen_files,
    loaded_files,
    remove_originals,
    still_in_inbox,
    take_back,
)
from exchange.publishing import hold, news
from exchange.registry import Registry, load_registry
from exchange.registry.rows import EXCHANGE_PARTNER
from exchange.settings import Settings
from exchange.warehouse.connection import connect, ensure_running
from exchange.warehouse.run_lock import only_run

SHORTEST_DIGEST = 8
COLUMNS = ("file", "feed", "sha256", "taken", "records")


@dataclass(frozen=True)
class Request:
    """Whose files are addressed, and which of them."""

    settings: Settings
    registry: Registry
    partner_id: str
    sha256: str | None
    as_json: bool

    @property
    def leaving_partner(self) -> str | None:
        """The partner, if it takes everything back: then refused files' originals go too."""
        return self.partner_id if self.sha256 is None else None


def withdraw(
    partner: Annotated[str, typer.Option(metavar="PARTNER", help="partner_id of partners.csv, or exchange.")],
    file: Annotated[
        str | None, typer.Option(metavar="SHA", help="Only the file with this sha256; its first 8 digits will do.")
    ] = None,
    list_files: Annotated[bool, typer.Option("--list", help="List the partner's files; withdraw nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; questions and progress on stderr.")] = False,
) -> None:
    """Take contributed data back, and refresh at once: gone from every view when this ends with 0.

    Earlier deliveries of the same records count again. The withdrawn bytes are never taken again. There is no undo.
    """
    settings = Settings()
    request = Request(settings, load_registry(settings.registry), partner, _digest(file), as_json)
    if partner == EXCHANGE_PARTNER and not (file or list_files):
        raise typer.BadParameter(
            "the exchange's own files are every partner's voters, ids and ballots; name one of them"
            " (`exchange withdraw --partner exchange --list` lists them).",
            param_hint="--file",
        )
    chosen = chosen_files(_known_files(request), partner, request.sha256)
    live = [one for one in chosen if one.withdrawn_at is None]
    if list_files:
        _list(request, chosen)
    elif live:
        _confirm(request, live, yes=yes)
        _withdraw(request, chosen)
    elif _are_published(settings, chosen):
        # taken back before, by a command that ended before its refresh did
        _withdraw(request, chosen)
    else:
        _tell_nothing_left(request)


def _digest(file: str | None) -> str | None:
    if file is not None and (not SHORTEST_DIGEST <= len(file) <= 64 or set(file) - set(hexdigits)):
        raise typer.BadParameter(
            f"{file!r} is no sha256: {SHORTEST_DIGEST} to 64 digits 0-9, a-f.", param_hint="--file"
        )
    return file and file.lower()


def _known_files(request: Request) -> list[ContributedFile]:
    """Every file ever loaded. A partner that left the registry is known by its files."""
    from exchange.intake import raw_tables
    from exchange.warehouse.bootstrap import bootstrap

    ensure_running(request.settings)
    bootstrap(request.settings)
    with connect(request.settings, "loader", autocommit=True) as conn:
        raw_tables.create(conn)
        known = loaded_files(conn)
    if all(one.partner_id != request.partner_id for one in known):
        request.registry.partner(request.partner_id)
    return known


def _are_published(settings: Settings, files: Sequence[ContributedFile]) -> bool:
    with connect(settings, "admin") as conn:
        return news.holds_file(conn, [one.file_id for one in files])


def _list(request: Request, files: Sequence[ContributedFile]) -> None:
    if request.as_json:
        print_json({"partner_id": request.partner_id, "files": [asdict(one) for one in files]})
    else:
        console().print(_table(f"Files of {request.partner_id}", files, [*COLUMNS, "withdrawn"]))


def _tell_nothing_left(request: Request) -> None:
    with only_run(request.settings), connect(request.settings, "loader", autocommit=True) as conn:
        # also of a partner of whom every file was refused
        removed = remove_originals(conn, request.settings.archive, request.leaving_partner)
    if request.as_json:
        print_json({"partner_id": request.partner_id, "files": [], "records": 0, "originals_removed": removed})
    else:
        console().print(f"Nothing of {request.partner_id} is left to withdraw.")


def _confirm(request: Request, live: Sequence[ContributedFile], *, yes: bool) -> None:
    out = console(stderr=request.as_json)
    out.print(_table(f"To withdraw from {request.partner_id}", live, COLUMNS))
    told = f"{counted(len(live), 'file')} with {counted(sum(one.records for one in live), 'record')}"
    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"{told} would go, and there is no terminal to ask.", param_hint="--yes")
    out.print("Their lines leave the warehouse and every view, their originals the archive. There is no undo.")
    typer.confirm(f"Withdraw {told}?", abort=True, err=request.as_json)


def _refuse_newcomers(request: Request, confirmed: Sequence[ContributedFile], known: Sequence[ContributedFile]) -> None:
    """A refresh may have taken more of this partner while the question waited for its answer."""
    shown = {one.file_id for one in confirmed}
    newer = [one for one in chosen_files(known, request.partner_id, request.sha256) if one.file_id not in shown]
    if newer:
        raise ExchangeError(
            f"{counted(len(newer), 'file')} of {request.partner_id} came meanwhile; nothing was withdrawn.",
            got=newer[0].file_name,
            remedy="Run the command again.",
        )


def _withdraw(request: Request, files: Sequence[ContributedFile]) -> None:
    settings = request.settings
    with connect(settings, "admin") as conn:
        before = news.positions(conn)
    live = [one for one in files if one.withdrawn_at is None]
    with only_run(settings), connect(settings, "loader", autocommit=True) as conn:
        with connect(settings, "admin") as admin:
            hold.refuse(admin, "what is withdrawn now would stay in partners' views, so nothing was withdrawn")
        _refuse_newcomers(request, files, loaded_files(conn))
        _record(request, live)
        take_back(conn, files)
        removed = remove_originals(conn, settings.archive, request.leaving_partner)
        lying = still_in_inbox(conn, settings, request.registry.feeds, files)
    code, run = run_job(settings, new_files=False, quiet_stdout=request.as_json)
    with connect(settings, "admin") as conn:
        told = news.news_since(conn, before)
    outcome = {
        "partner_id": request.partner_id,
        "files": [asdict(one) for one in live],
        "records": sum(one.records for one in live),
        "originals_removed": removed,
        "still_in_inbox": lying,
        "refresh": run,
        "is_gone_from_views": not _are_published(settings, files),
        "changes": [asdict(one) for one in told],
    }
    if request.as_json:
        print_json(outcome)
    else:
        _print(outcome)
    raise typer.Exit(0 if code == 0 else 1)


def _record(request: Request, live: Sequence[ContributedFile]) -> None:
    """In the audit before anything goes; nothing when a command that was cut short is only finished."""
    if live:
        files = [{"feed_id": one.feed_id, "sha256": one.sha256, "records": one.records} for one in live]
        with connect(request.settings, "admin", autocommit=True) as conn:
            record(conn, "withdrawn", request.partner_id, {"files": files})


def _print(outcome: Mapping[str, Any]) -> None:
    out, err = console(), console(stderr=True)
    if outcome["changes"]:
        columns = ["partner", "view", "retracted", "changed", "added"]
        rows = [list(change.values()) for change in outcome["changes"]]
        out.print(table("Rows of partners' views, as their change feeds tell", columns, rows, numbers=columns[2:]))
    out.print(
        f"Withdrawn: {counted(len(outcome['files']), 'file')} with {counted(outcome['records'], 'record')};"
        f" {counted(outcome['originals_removed'], 'original')} removed from the archive."
    )
    for path in outcome["still_in_inbox"]:
        out.print(f"Still in the inbox, never taken again: {path}", markup=False)
    for failed in (outcome["refresh"] or {}).get("failed_steps", []):
        err.print(f"failed: {failed['step']}: {failed['problem']}", markup=False)
    if not outcome["is_gone_from_views"]:
        err.print(
            "The refresh failed. The lines are out of the raw tables already; what was built from them leaves the views"
            " with the next refresh that succeeds: `exchange refresh`, or this command again."
        )


def counted(number: int, noun: str) -> str:
    """1 file; 1,234 files."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _table(title: str, files: Sequence[ContributedFile], columns: Sequence[str]) -> Any:
    rows = [
        [one.file_name, one.feed_id, one.sha256[:12], one.received_at, one.records, one.withdrawn_at][: len(columns)]
        for one in files
    ]
    return table(title, columns, rows, numbers=["records"])
