"""`exchange publication`: what was published, what it changed, and the way back to an earlier one."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any

import typer

from exchange.cli.console import console, print_json, table
from exchange.publishing import differences, history, hold
from exchange.publishing.acknowledgement import Acknowledged, acknowledgements
from exchange.publishing.strict import collect_acknowledgements, copy_to_partner_databases
from exchange.settings import Settings
from exchange.warehouse.bootstrap import administrator

OVERDUE_AFTER_DAYS = 7

app = typer.Typer(
    help="List publications, compare them, go back to an earlier one; see who acknowledged retractions.",
    no_args_is_help=True,
    add_completion=False,
)

Number = Annotated[int, typer.Argument(metavar="N", help="A publication's number, as `list` shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_publications(
    limit: Annotated[int, typer.Option(min=1, help="So many of the newest.")] = 20, as_json: AsJson = False
) -> None:
    """List the newest publications, the newest first, and whether there is a way back to each."""
    with administrator(Settings()) as connection:
        found = history.publications(connection, limit)
        held = hold.current(connection)
    if as_json:
        print_json({"publications": [asdict(one) for one in found], "hold": held and asdict(held)})
        return
    if not found:
        console().print("No publication is recorded: the next refresh that changes what partners see makes one.")
        return
    columns = [
        "N",
        "published",
        "as of",
        "kind",
        "refresh",
        "by",
        "files",
        "partners",
        "rows added",
        "removed",
        "rollback",
    ]
    rows = [
        [
            *(one.publication_id, one.published_at, one.as_of, _kind(one), one.refresh_id, one.published_by),
            *(one.files, one.partners, one.added, one.removed, one.can_go_back),
        ]
        for one in found
    ]
    console().print(table("Publications", columns, rows, numbers=["N", "files", "partners", "rows added", "removed"]))
    _print_hold(held)


@app.command()
def show(number: Number, as_json: AsJson = False) -> None:
    """Show what a publication was made of, and every partner's views after it: rows, digests, what it did to them."""
    with administrator(Settings()) as connection:
        found = history.publication(connection, number)
        files = history.files(connection, number)
        states = history.view_states(connection, number)
    if as_json:
        told = asdict(found) | {"files_by_feed": dict(files), "views": [asdict(state) for state in states]}
        print_json(told)
        return
    out = console()
    out.print(
        f"Publication {found.publication_id} ({_kind(found)}), {found.published_at:%Y-%m-%d %H:%M} UTC"
        f" by {found.published_by or 'unknown'}: as of {found.as_of:%Y-%m-%d %H:%M} UTC, refresh {found.refresh_id}."
    )
    out.print(f"Made of {found.files:,} files: " + ", ".join(f"{feed} {count}" for feed, count in files), markup=False)
    if not states:
        out.print("Its details are no longer kept.")
        return
    columns = ["partner", "view", "added", "removed", "rows", "digest"]
    rows = [[one.partner_id, one.relation, one.added, one.removed, one.row_count, one.digest] for one in states]
    out.print(table("Partners' views", columns, rows, numbers=columns[2:5]))


@app.command()
def diff(
    first: Annotated[int, typer.Argument(metavar="N", help="The earlier publication.")],
    last: Annotated[int, typer.Argument(metavar="M", help="The later one.")],
    partner: Annotated[str | None, typer.Option(metavar="PARTNER", help="Only what this partner sees.")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="List the records of this partner.")] = False,
    as_json: AsJson = False,
) -> None:
    """Count what partners see otherwise in publication M than in N, by view."""
    if first >= last:
        raise typer.BadParameter(f"{first} is not earlier than {last}.", param_hint="N")
    if rows and partner is None:
        raise typer.BadParameter("records are listed of one partner: name it with --partner.", param_hint="--rows")
    with administrator(Settings()) as connection:
        if rows and partner is not None:
            _print_rows(differences.changed_rows(connection, first, last, partner), as_json)
            return
        found = [one for one in differences.differences(connection, first, last) if partner in (None, one.partner_id)]
    if as_json:
        print_json([asdict(one) for one in found])
        return
    if not found:
        console().print(f"Nothing differs between publications {first} and {last}.")
        return
    columns = ["partner", "view", "added", "retracted", "changed"]
    shown = [[one.partner_id, one.relation, one.added, one.retracted, one.changed] for one in found]
    console().print(table(f"From publication {first} to {last}", columns, shown, numbers=columns[2:]))
    if any(not one.by_record for one in found):
        console().print(
            "Without a number in `changed`: all rows written and taken away on the way, one after the other."
        )


@app.command()
def rollback(number: Number, as_json: AsJson = False) -> None:
    """Show partners again what publication N showed. Further publications are on hold until `resume`.

    Suppressions stay as they are, protected persons stay away. Refused where withdrawn data or former permissions would
    come back, and during a refresh.
    """
    from exchange.publishing.rollback import roll_back

    settings = Settings()
    with administrator(settings):
        made = roll_back(settings, number)
        copy_to_partner_databases(settings)
    if as_json:
        changed = {name: {"added": added, "removed": removed} for name, (added, removed) in made.changed.items()}
        print_json({"publication_id": made.publication_id, "back_to": number, "changed": changed})
        return
    columns = ["view", "rows added", "removed"]
    out = console()
    rows = [[name, added, removed] for name, (added, removed) in sorted(made.changed.items())]
    out.print(table(f"Publication {made.publication_id}: back to {number}", columns, rows, numbers=columns[1:]))
    out.print(
        "Partners see again what it showed; their change feeds say what changed. From now on refreshes publish only"
        " new suppressions, newly protected persons and partners no longer active, and end with an error. When what was"
        " wrong is mended: `exchange publication resume`, then `exchange refresh`."
    )


@app.command()
def resume(as_json: AsJson = False) -> None:
    """End the hold after a rollback: the next refresh compares everything, and publishes."""
    from exchange.publishing import rollback as way_back

    settings = Settings()
    with administrator(settings):
        ended = way_back.resume(settings)
    if as_json:
        print_json({"ended": ended and asdict(ended)})
    elif ended is None:
        console().print("Publications are not on hold.")
    else:
        console().print("Publications go on: `exchange refresh` brings partners what is newest.")


@app.command("acknowledgements")
def list_acknowledgements(
    overdue_after_days: Annotated[int, typer.Option(min=0, help="Days a partner has to delete.")] = OVERDUE_AFTER_DAYS,
    as_json: AsJson = False,
) -> None:
    """List how far each partner acknowledged retractions, and who is overdue. Numbers are those of its change feed."""
    settings = Settings()
    with administrator(settings) as connection:
        collect_acknowledgements(settings)
        found = acknowledgements(connection, settings.now(), overdue_after_days)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    columns = ["partner", "newest retraction", "acknowledged up to", "at", "rows not acknowledged", "overdue since"]
    rows = [
        [
            *(one.partner_id, one.newest_retraction, one.acknowledged_until, one.acknowledged_at),
            *(one.unacknowledged_rows, one.overdue_since),
        ]
        for one in found
    ]
    numbers = ["newest retraction", "acknowledged up to", "rows not acknowledged"]
    console().print(table("Retractions acknowledged", columns, rows, numbers=numbers))


def overdue_in_words(found: list[Acknowledged]) -> str | None:
    """Who has not acknowledged retractions in time; None if nobody."""
    overdue = [one.partner_id for one in found if one.overdue_since is not None]
    return f"Retractions not acknowledged in time by {', '.join(overdue)}." if overdue else None


def hold_in_words(held: hold.Hold) -> str:
    return (
        f"On hold since {held.held_at:%Y-%m-%d %H:%M} UTC, by {held.held_by}: partners see publication {held.back_to}."
        " `exchange publication resume` ends it."
    )


def _print_hold(held: hold.Hold | None) -> None:
    if held is not None:
        console().print(hold_in_words(held), markup=False)


def _print_rows(found: list[differences.ChangedRow], as_json: bool) -> None:
    if as_json:
        print_json([asdict(one) for one in found])
        return
    columns = ["view", "person", "record", "change"]
    rows = [[one.relation, one.person_id, one.record_key, one.change] for one in found]
    counts = Counter(one.change for one in found)
    told = ", ".join(f"{count:,} {change}" for change, count in sorted(counts.items())) or "nothing differs"
    console().print(table(f"Records: {told}", columns, rows))


def _kind(found: history.Published) -> Any:
    return found.kind if found.back_to is None else f"rollback to {found.back_to}"
