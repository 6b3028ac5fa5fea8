"""The `exchange` command. A command's module is imported when it is called, so `exchange --help` is quick.

A command lives in the module of its name, as a Typer sub-app `app` or as a function of the same name.
Exit codes: 0 done, 1 failed (an ExchangeError is shown as a panel, without traceback), 2 wrong usage.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS = {
    "up": "Run database, Dagster and the dashboard in the foreground until Ctrl-C.",
    "refresh": "Take new files, rebuild, check and publish: one refresh through the Dagster job.",
    "status": "Show freshness, accounting and the last publication of every feed.",
    "as-of": "Show what the exchange knew at an earlier publication.",
    "publication": "List and compare publications; go back to an earlier one; who acknowledged retractions.",
    "demo": "Write a demo exchange: registry, voter file, inboxes, truth.",
    "voters": "Load voter files of a state.",
    "db": "Start, stop and reach the embedded Postgres.",
    "withdraw": "Take contributed data back: gone from every view after the command.",
    "match": "Write what matching found; train the model it scores with.",
    "review": "Decide by hand whom matching could not: export the queue, import decisions.",
    "rules": "Say why a partner sees a row or not; who gains and loses by a change of the rules.",
    "partner": "List, add and suspend partners' database logins; rotate their passwords.",
    "access-log": "List what partners' logins asked the database, and when.",
    "user": "People who sign in to the dashboard: list, add, disable, reset, sign out.",
    "new": "Write the files that adding a partner, a feed, a source system or a model needs.",
    "map": "Print the lines that the answer map lacks.",
    "doctor": "Check the installation and the registry; say what is wrong and how to mend it.",
}


class LazyGroup(TyperGroup):
    """Lists the commands with a line each; imports one only to run it or to show its own help."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        known = COMMANDS.get(cmd_name)
        return None if known is None else TyperCommand(cmd_name, help=known)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        # the misspelled are judged by Typer, with its "did you mean"
        self.commands = {name: self.get_command(ctx, name) for name in COMMANDS}
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and imported_command(args[0]), rest


app = typer.Typer(
    cls=LazyGroup,
    name="exchange",
    help="Voter Exchange: raw contact files in, per-partner views out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _exchange() -> None:
    """Make `app` a group although it holds no command itself."""


def imported_command(name: str) -> Any:
    """The command of a module, whichever way the module offers it."""
    stem = name.replace("-", "_")
    module = import_module(f"exchange.cli.{stem}")
    own = getattr(module, "app", None)
    if own is None:
        own = typer.Typer(add_completion=False)
        own.command(name)(getattr(module, stem))
    command = typer.main.get_command(own)
    command.name = name
    return command


def main() -> None:
    """Run the command line and exit."""
    # light imports only: this runs before anybody knows which command is called
    from exchange.errors import ExchangeError, Place

    try:
        app()
    except ExchangeError as error:
        _fail(error)
    except OSError as error:
        if error.filename is None:
            raise
        # a file where a folder should be, a folder of somebody else
        place = Place(file=os.fsdecode(error.filename))
        _fail(
            ExchangeError(
                f"{error.strerror}.", place=place, remedy="Name another folder, or let this user write there."
            )
        )
    except ValueError as error:
        # pydantic's ValidationError of a setting; importing pydantic to name it would cost every call 0.2 s
        if getattr(error, "title", None) != "Settings":
            raise
        details: list[dict[str, Any]] = error.errors()  # type: ignore[attr-defined]
        told = "; ".join(f"EXCHANGE_{str(part['loc'][0]).upper()}: {part['msg']}" for part in details)
        _fail(ExchangeError(told, remedy="`exchange doctor` lists all settings."))


def _fail(error: Any) -> NoReturn:
    from exchange.cli.console import print_error

    print_error(error)
    sys.exit(1)
