"""`exchange status`: freshness, accounting, matching and the last publication, feed by feed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from exchange.cli import accounting
from exchange.cli.console import console, print_json, table
from exchange.cli.publication import OVERDUE_AFTER_DAYS, hold_in_words, overdue_in_words
from exchange.publishing import hold
from exchange.publishing.acknowledgement import acknowledgements
from exchange.publishing.strict import collect_acknowledgements
from exchange.registry import load_registry
from exchange.settings import Settings
from exchange.warehouse.bootstrap import administrator


def status(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show freshness, accounting and matching of every feed, and the last publication. Starts the embedded server."""
    settings = Settings()
    registry = load_registry(settings.registry)
    with administrator(settings) as connection:
        newest = accounting.newest_refresh(connection)
        found = accounting.accounts(connection, registry.feeds)
        matching = [asdict(feed) for feed in accounting.matching(connection)]
        publication = accounting.newest_publication(connection)
        refused = accounting.refusals(connection)
        held = hold.current(connection)
        collect_acknowledgements(settings)
        acknowledged = acknowledgements(connection, settings.now(), OVERDUE_AFTER_DAYS)
    expected = {feed.feed_id: feed.expected_every_hours for feed in registry.feeds}
    feeds = [
        asdict(account)
        | {"expected_every_hours": expected[account.feed_id]}
        | {"is_on_time": is_on_time(account.last_received_at, expected[account.feed_id], settings.now())}
        for account in found
    ]
    if as_json:
        refusals = [asdict(refusal) for refusal in refused]
        told = {"refresh": newest, "publication": publication, "feeds": feeds, "matching": matching}
        overdue = [one.partner_id for one in acknowledged if one.overdue_since is not None]
        hints = {"hold": held and asdict(held), "acknowledgements_overdue": overdue}
        print_json(told | {"refused": refusals} | hints)
        return
    _print(newest, publication, feeds, matching, len(refused))
    for line in (held and hold_in_words(held), overdue_in_words(acknowledged)):
        if line:
            console().print(line, markup=False)


def is_on_time(last: datetime | None, expected_hours: float | None, now: datetime) -> bool | None:
    """Whether a file came within the promised time; null where nothing was promised."""
    if expected_hours is None:
        return None
    return last is not None and now - last <= timedelta(hours=expected_hours)


def _print(
    newest: dict[str, Any] | None,
    publication: dict[str, Any] | None,
    feeds: list[dict[str, Any]],
    matching: list[dict[str, Any]],
    refused: int,
) -> None:
    out = console()
    if newest is None:
        out.print("No refresh yet: `exchange refresh` runs one.")
        return
    columns = ["feed", "last file", "on time", "files", "records", *accounting.COUNTS]
    rows = [
        [feed["feed_id"], feed["last_received_at"], feed["is_on_time"], feed["files"], feed["records"]]
        + [feed[count] for count in accounting.COUNTS]
        for feed in feeds
    ]
    out.print(table("Feeds: records (in review: of the unmatched)", columns, rows, numbers=columns[3:]))
    if matching:
        out.print(_matching_table(matching))
    out.print(f"Refresh {newest['refresh_id']} as of {newest['as_of']:%Y-%m-%d %H:%M} UTC, {refused} files refused.")
    if publication is None:
        out.print("Nothing has been published yet.")
    else:
        at, refresh_id = publication["published_at"], publication["refresh_id"]
        out.print(f"Publication {publication['publication_id']} of refresh {refresh_id}, {at:%Y-%m-%d %H:%M} UTC.")


def _matching_table(matching: list[dict[str, Any]]) -> Any:
    columns = ["feed", "persons", *(f"by {method}" for method in accounting.METHODS), "in review", "unmatched"]
    rows = [
        [feed["feed_id"], feed["persons"]]
        + [feed["accepted_by"].get(method, 0) for method in accounting.METHODS]
        + [feed["in_review"], feed["unmatched"]]
        for feed in matching
    ]
    return table("Feeds: persons, and how they found their voter", columns, rows, numbers=columns[1:])
