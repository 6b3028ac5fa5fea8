"""`exchange db`: the embedded Postgres, and ways into it."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from exchange.cli.console import console, print_json
from exchange.settings import PROJECT_ROOT, Settings
from exchange.warehouse.binaries import find_psql
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import Role, connect, connection_info, ensure_running
from exchange.warehouse.dbt_macros import macros_variable
from exchange.warehouse.server import EmbeddedServer

app = typer.Typer(help="Start, stop and reach the embedded Postgres.", no_args_is_help=True)

RoleOption = Annotated[Role, typer.Option("--role", help="As whom.")]


@app.command()
def start() -> None:
    """Start the embedded server and bring its roles, schemas and grants into order. Safe to repeat."""
    settings = Settings()
    ensure_running(settings)
    done = bootstrap(settings)
    if settings.database_url is None:
        status = EmbeddedServer(settings).status()
        console().print(f"Postgres {status.version} runs on 127.0.0.1:{status.port}, data in {status.data_dir}.")
    else:
        console().print("EXCHANGE_DATABASE_URL is set: nothing to start. Its roles and schemas are in order.")
    if done.applied:
        console().print(f"{len(done.applied)} things were created or corrected.")
    for weakness in done.skipped:
        console(stderr=True).print(f"Weaker than it should be: {weakness}.", markup=False)


@app.command()
def stop() -> None:
    """Stop the embedded server. Nothing committed is lost; exit code 0 also if it did not run."""
    settings = Settings()
    stopped = EmbeddedServer(settings).stop()
    console().print("The database server is stopped." if stopped else "The database server was not running.")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Tell whether the server runs, where, and of which version. Exit code 1 if it does not run."""
    settings = Settings()
    if settings.database_url is not None:
        _external_status(settings, as_json)
        return
    found = EmbeddedServer(settings).status()
    if as_json:
        facts = {name: str(value) if isinstance(value, Path) else value for name, value in vars(found).items()}
        print_json({"kind": "embedded", "database": "exchange", **facts})
    elif found.running:
        console().print(
            f"Postgres {found.version} runs on 127.0.0.1:{found.port} (process {found.pid}).\n"
            f"data      {found.data_dir}\nprograms  {found.binaries}\nlog       {found.log_file}",
            markup=False,
        )
    else:
        console().print("The database server does not run. `exchange db start` starts it.")
    raise typer.Exit(0 if found.running else 1)


@app.command()
def url(role: RoleOption = "admin") -> None:
    """Print the URL of the database, with the password in it."""
    print(connection_info(Settings(), role).url())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(ctx: typer.Context, role: RoleOption = "admin") -> None:
    """Open psql. Its own options go to it, as in: exchange db psql -c 'select 1'."""
    info = connection_info(Settings(), role)
    program = str(find_psql())
    os.execve(program, [program, *ctx.args], {**os.environ, **info.libpq_env()})


@app.command()
def env() -> None:
    """Print `export` lines for running dbt by hand: eval "$(exchange db env)"."""
    settings = Settings()
    # not the folder of Dagster's dbt: a build of another target would leave its manifest there for the next refresh
    by_hand = str(settings.home / "dbt-by-hand")
    # without the macros' digest, models would be built anew by hand, and again by the next refresh
    variables = (
        connection_info(settings, "dbt").as_env()
        | macros_variable()
        | {
            "EXCHANGE_REGISTRY": str(settings.registry),
            "DBT_PROFILES_DIR": str(PROJECT_ROOT / "dbt_project"),
            "DBT_TARGET_PATH": by_hand,
            "DBT_LOG_PATH": by_hand,
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
    )
    for name, value in variables.items():
        print(f"export {name}={shlex.quote(value)}")


def _external_status(settings: Settings, as_json: bool) -> None:
    info = connection_info(settings)
    with connect(settings) as connection:
        version = connection.info.parameter_status("server_version")
    if as_json:
        facts = info.model_dump(exclude={"password", "parameters"})
        print_json({"kind": "external", "running": True, "version": version, **facts})
    else:
        console().print(f"EXCHANGE_DATABASE_URL: Postgres {version} on {info.host}:{info.port}, {info.dbname}.")
