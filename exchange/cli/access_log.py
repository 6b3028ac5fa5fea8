"""`exchange access-log`: what partners' logins asked the database, and when."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

import typer

from exchange.audit.collect import Collected, collect
from exchange.audit.reading import Access, accesses
from exchange.cli.console import console, print_json, table
from exchange.errors import ExchangeError
from exchange.settings import Settings
from exchange.warehouse.bootstrap import administrator

app = typer.Typer(
    help="List what partners' logins asked the database; take in what the server's log has new.",
    add_completion=False,
    invoke_without_command=True,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def access_log(
    ctx: typer.Context,
    partner: Annotated[str | None, typer.Option(metavar="P", help="Of this partner only (partner_id).")] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="A day or a time, ISO; UTC.")] = None,
    refused: Annotated[bool, typer.Option("--refused", help="Only what failed or was refused.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List the newest statements of partners' logins, after taking in what is new. Their text is not kept."""
    if ctx.invoked_subcommand is not None:
        return
    settings = Settings()
    from_then = None if since is None else _instant(since)
    with administrator(settings) as conn:
        collect(settings)
        found = accesses(conn, partner_id=partner, since=from_then, only_failed=refused, limit=limit)
    if as_json:
        print_json([asdict(access) for access in found])
    else:
        console().print(_listed(found))


@app.command("collect")
def collect_now(as_json: AsJson = False) -> None:
    """Take in what the server's log has new, as every refresh does."""
    settings = Settings()
    with administrator(settings):
        done = collect(settings)
    if as_json:
        print_json(asdict(done))
    else:
        console().print(_told(done))


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ExchangeError("This is no date.", expected="2026-11-03 or 2026-11-03T18:00", got=text) from None
    if len(text) == len("2026-11-03"):
        moment = datetime.combine(date.fromisoformat(text), time())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _listed(found: list[Access]) -> Any:
    columns = ["at", "partner", "kind", "views", "ms", "error", "from"]
    rows = [
        [
            access.at,
            access.partner_id or access.role,
            access.kind,
            " ".join(access.relations),
            None if access.duration_ms is None else f"{access.duration_ms:,.1f}",
            access.error_code,
            access.client_addr,
        ]
        for access in found
    ]
    return table("What partners asked", columns, rows, numbers=["ms"])


def _told(done: Collected) -> str:
    told = f"{done.statements:,} statements taken in, {done.files_removed} files of the log removed."
    if done.unreadable:
        told += f" {done.unreadable:,} lines could not be read, as a crash of the server leaves them."
    if done.expired:
        told += f" {done.expired:,} statements were older than EXCHANGE_ACCESS_LOG_DAYS and are forgotten."
    return told
