"""`exchange demo`: writes a demo exchange whose every byte follows from the seed and the sizes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from exchange.cli.console import console, print_json, table
from exchange.demo import (
    DEFAULT_CONTACTS,
    DEFAULT_PARTNERS,
    DEFAULT_SEED,
    DEFAULT_VOTERS,
    Demo,
    DemoOptions,
    write_demo,
)
from exchange.errors import ExchangeError, Place

STATUSES = ("accepted", "ignored", "quarantined", "rejected", "superseded", "duplicate")


def demo(
    out: Annotated[Path, typer.Option(help="Folder for registry/, inbox/ and truth/; made if needed.")],
    voters: Annotated[int, typer.Option(help="Registered voters, in both states together.")] = DEFAULT_VOTERS,
    contacts: Annotated[int, typer.Option(help="Delivered contact rows, about.")] = DEFAULT_CONTACTS,
    partners: Annotated[int, typer.Option(help="Partner organizations.")] = DEFAULT_PARTNERS,
    seed: Annotated[int, typer.Option(help="Same seed and sizes: the same bytes.")] = DEFAULT_SEED,
    force: Annotated[bool, typer.Option("--force", help="Write into an inbox that holds files already.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Write a demo exchange: registry, voter file, inboxes in real vendor formats, and the truth beside.

    Every name, address and number is invented. The registry depends on --partners only.
    """
    _refuse_full_inbox(out / "inbox", force)
    started = time.monotonic()
    written = _written(DemoOptions(voters, contacts, partners, seed), out)
    if as_json:
        print_json(_document(written, out, seed))
    else:
        _print(written, out, time.monotonic() - started)


def _refuse_full_inbox(inbox: Path, force: bool) -> None:
    present = next((path for path in sorted(inbox.rglob("*")) if path.is_file()), None) if inbox.exists() else None
    if present is not None and not force:
        raise ExchangeError(
            "The inbox holds files already; a demo would mix with them.",
            place=Place(file=str(present)),
            expected="an empty inbox",
            remedy="Choose another --out, or use --force to write over files of the same names.",
        )


def _written(options: DemoOptions, out: Path) -> Demo:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=None)
        return write_demo(
            options,
            out,
            lambda what, done, total: progress.update(task, description=what, completed=done, total=total),
        )


def _document(written: Demo, out: Path, seed: int) -> dict[str, object]:
    contacts: dict[str, dict[str, int]] = {}
    for (feed_id, status), count in written.contact_records.items():
        contacts.setdefault(feed_id, {})[status] = count
    return {"out": str(out), "seed": seed, "reference_rows": written.reference_rows, "contact_records": contacts}


def _print(written: Demo, out: Path, seconds: float) -> None:
    feeds = list(dict.fromkeys(feed_id for feed_id, _ in written.contact_records))
    counts = {feed_id: [written.contact_records.get((feed_id, name), 0) for name in STATUSES] for feed_id in feeds}
    rows: list[list[object]] = [[feed_id, sum(found), *found] for feed_id, found in counts.items()]
    columns = ["feed", "records", *STATUSES]
    console().print(table("Contact records, as they must come out", columns, rows, numbers=columns[1:]))
    reference = list(written.reference_rows.items())
    console().print(table("Reference files", ["feed", "rows"], reference, numbers=["rows"]))
    total = sum(written.contact_records.values())
    console().print(f"{total:,} contact records in {out} after {seconds:.1f} s")
