"""`exchange match`: what matching found, as a file, and the model it scores with."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from exchange import matching
from exchange.audit.log import record_export
from exchange.cli.console import console, print_json
from exchange.settings import Settings
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import connect, ensure_running

app = typer.Typer(
    help="Write what matching found; train the model it scores with. `exchange refresh` matches.",
    no_args_is_help=True,
    add_completion=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def predictions(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Write the CSV file here.")],
    as_json: AsJson = False,
) -> None:
    """Write the voter of every identity: feed_id, source_person_id, state, state_voter_id, method, posterior.

    One row per person of every feed. State and id are empty while a person is unmatched or waits for review.
    """
    settings = started()
    with connect(settings, "admin", autocommit=True) as conn:
        record_export(conn, "predictions", out, {})
    rows = matching.write_predictions(settings, out)
    if as_json:
        print_json({"file": str(out), "rows": rows})
    else:
        console().print(f"{out}: {rows:,} identities.", markup=False)


@app.command()
def train(as_json: AsJson = False) -> None:
    """Train the model anew on the voters and ids of the last refresh. The next refresh scores everybody with it.

    The same data gives the same model, and then nothing changes. A refresh trains by itself where it must: the first
    time, when a state's voters changed by more than a quarter, when few ids became many.
    """
    status = matching.ensure_model(started(), retrain=True)
    if as_json:
        print_json(asdict(status))
        return
    voters = sum(status.spine.values())
    learnt = f"from {voters:,} voters and {status.labels:,} people with a checked id"
    if status.is_new:
        console().print(f"Model {status.version}, {learnt}. The next `exchange refresh` scores everybody with it.")
    else:
        console().print(f"Model {status.version} stays: training again gave the same, {learnt}.")


def started() -> Settings:
    """The settings, with the database running and complete."""
    settings = Settings()
    ensure_running(settings)
    bootstrap(settings)
    return settings
