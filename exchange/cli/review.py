"""`exchange review`: people who wait for a person's decision go out as a file, and decisions come back in."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from exchange import matching
from exchange.audit.log import record_export
from exchange.cli.console import console, print_json
from exchange.cli.match import started
from exchange.warehouse.connection import connect

app = typer.Typer(
    help="Decide by hand whom matching could not: export the queue, fill in `decision`, import it.",
    no_args_is_help=True,
    add_completion=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("export")
def export_queue(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Write the CSV file here.")],
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many people, the likeliest first.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the review queue: one row per person and voter who may be meant, `decision` blank.

    In `decision` write match (the person is this voter) or no_match (the person is not this voter; with
    state_voter_id emptied: the person is nobody on the file). The file holds people's data: keep it safe.
    """
    settings = started()
    with connect(settings, "admin", autocommit=True) as conn:
        record_export(conn, "review queue", out, {"limit": limit})
    done = matching.export_review(settings, out, limit)
    if as_json:
        print_json({"file": str(out), **asdict(done)})
        return
    console().print(
        f"{out}: {done.identities:,} of {done.waiting:,} people who wait, {done.rows:,} rows.", markup=False
    )
    for decision in done.stale:
        console(stderr=True).print(f"stale: {decision} has left the voter file; decide again.", markup=False)


@app.command("import")
def import_decisions(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The exported file, filled in.")
    ],
    decided_by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decided.")],
    as_json: AsJson = False,
) -> None:
    """Take decisions: the whole file, or nothing and exit code 1 with every line at fault.

    match: the person is this voter, whatever ids and model say. no_match: with state_voter_id, the person is not this
    voter but may be another; without, nobody on the file. Rows with a blank decision are skipped. Decisions apply from
    the next `exchange refresh` on and stay; a newer one replaces those it contradicts.
    """
    done = matching.import_review(started(), file, decided_by)
    if as_json:
        print_json({"file": str(file), **asdict(done)})
    else:
        told = f"{done.matched:,} match, {done.refused:,} no_match, {done.blank:,} rows without a decision."
        console().print(f"{told} The next `exchange refresh` applies them.", markup=False)
