"""`exchange new`: the files that adding a partner, a feed, a source system or a model needs. Nothing is overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exchange.cli.console import console, print_json, table
from exchange.scaffold.files import Made
from exchange.settings import PROJECT_ROOT, Settings

app = typer.Typer(
    help="Write the files that adding a partner, a feed, a source system or a model needs.",
    no_args_is_help=True,
    add_completion=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")]
Namespace = Annotated[
    str, typer.Option("--namespace", help="What its person ids are: a namespace of id_namespaces.csv.")
]
Scope = Annotated[str, typer.Option("--scope", help="State or committee that issued the ids, where they need one.")]


@app.command()
def partner(
    partner_id: Annotated[str, typer.Argument(metavar="ID", help="Small letters, digits and _: its id for good.")],
    name: Annotated[str, typer.Option(help="Its name, as people read it.")],
    side: Annotated[str, typer.Option(help="coordinated or independent.")],
    kind: Annotated[str, typer.Option(help="campaign, party or organization.")],
    states: Annotated[str, typer.Option(help="States it works in, as in 'PA NC'; * for all.")],
    namespace: Namespace = "state_voter_id",
    scope: Scope = "",
    voter_fields: Annotated[str, typer.Option(help="How much of a voter it sees: ids, names or contact.")] = "ids",
    as_json: AsJson = False,
) -> None:
    """Add a partner: its line in partners.csv, with a schema name drawn by chance, and its inbox."""
    from exchange.scaffold.partner import NewPartner, new_partner

    wanted = NewPartner(partner_id, name, side, kind, states, namespace, scope, voter_fields)
    _show(new_partner(Settings(), wanted), as_json)


@app.command()
def feed(
    feed_id: Annotated[str, typer.Argument(metavar="ID", help="Its id for good.")] = "",
    partner_id: Annotated[str, typer.Option("--partner", help="Whose files they are.")] = "",
    file_format: Annotated[str, typer.Option("--format", help="A file format; --formats lists them.")] = "",
    location: Annotated[str, typer.Option(help="Folder below the inbox, or a URL. [default: PARTNER/ID]")] = "",
    pattern: Annotated[str, typer.Option(help="Names of its files. [default: as other feeds of the format]")] = "",
    coverage: Annotated[
        str, typer.Option(help="snapshot if each file holds all that is still true, else delta.")
    ] = "delta",
    timezone: Annotated[str, typer.Option(help="IANA name. [default: that of the partner's other feeds]")] = "",
    namespace: Annotated[str, typer.Option(help="What its person ids are. [default: as the partner]")] = "",
    scope: Annotated[str, typer.Option(help="State or committee of the ids. [default: as the partner]")] = "",
    state: Annotated[str, typer.Option(help="Where its people vote. [default: the partner's, if it has one]")] = "",
    every: Annotated[float, typer.Option(help="Hours after which a new file is missed.", min=0.1)] = 24,
    list_formats: Annotated[bool, typer.Option("--formats", help="List the known file formats, and stop.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add a feed: its line in feeds.csv, and its folder in the inbox."""
    from exchange.scaffold.feed import NewFeed, described_formats, new_feed

    if list_formats:
        formats = described_formats()
        if as_json:
            print_json([dict(zip(("file_format", "system", "required"), row, strict=True)) for row in formats])
        else:
            console().print(table("File formats", ["file format", "system", "columns it must have"], formats))
        return
    for value, what in ((feed_id, "ID"), (partner_id, "--partner"), (file_format, "--format")):
        if not value:
            raise typer.BadParameter("is missing (and --formats was not asked for)", param_hint=what)
    wanted = NewFeed(
        feed_id,
        partner_id,
        file_format,
        location,
        pattern,
        coverage,
        timezone,
        namespace,
        scope,
        state,
        expected_every_hours=f"{every:g}",
    )
    _show(new_feed(Settings(), wanted), as_json)


@app.command()
def system(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The tool, as in spoke; one that exists gets a format more.")
    ],
    header: Annotated[Path, typer.Option(help="A sample of what it exports; only its header is copied.")],
    table_name: Annotated[
        str, typer.Option("--table", help="What a file holds; the format is NAME_TABLE.")
    ] = "contacts",
    required: Annotated[
        list[str] | None,
        typer.Option(help="A header every file has (repeat it). [default: those the sample always fills]"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add a source system's file format from a sample: description, staging model, tests, expectations."""
    from exchange.scaffold.system import new_system

    _show(new_system(PROJECT_ROOT, name, header, table_name, required or ()), as_json)


@app.command()
def model(
    layer: Annotated[str, typer.Argument(metavar="LAYER", help="intermediate, marts, ops or sharing.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="int_… and ops_… in those layers.")],
    parents: Annotated[list[str], typer.Option("--from", help="A model or seed it reads (repeat it).")],
    grain: Annotated[str, typer.Option(help="What one row is, as in 'one row per voter and month'.")],
    key: Annotated[list[str], typer.Option(help="A column that tells rows apart (repeat it).")],
    as_json: AsJson = False,
) -> None:
    """Add a dbt model: SQL with imports and grain, YAML with tests, contract and a unit test to fill in."""
    from exchange.scaffold.model import new_model

    _show(new_model(PROJECT_ROOT, Settings().registry, layer, name, parents, grain, key), as_json)


def _show(made: Made, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "created": [str(path) for path in made.created],
                "edited": [str(path) for path in made.edited],
                "next": list(made.steps),
            }
        )
        return
    for word, paths in (("new", made.created), ("changed", made.edited)):
        for path in paths:
            console().print(f"{word:<8} {_shown(path)}", markup=False)
    console().print("\nNext:")
    for number, step in enumerate(made.steps, start=1):
        console().print(f"  {number}. {step}", markup=False)


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
