"""`exchange user`: people who sign in to the dashboard. A made password is shown once."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from exchange.cli.console import console, print_json, table
from exchange.errors import ExchangeError, Place
from exchange.registry import load_registry
from exchange.settings import Settings
from exchange.warehouse import accounts
from exchange.warehouse.account_sessions import people
from exchange.warehouse.bootstrap import administrator

app = typer.Typer(
    help="People who sign in to the dashboard: list, add, disable, reset, sign out.",
    no_args_is_help=True,
    add_completion=False,
)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The address the person signs in with.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Take the password from standard input.")]
Ask = Annotated[bool, typer.Option("--ask-password", help="Ask for the password instead of making one.")]


@app.command()
def add(
    email: Email,
    partner_id: Annotated[str | None, typer.Option("--partner", help="The partner the person works for.")] = None,
    is_operator: Annotated[bool, typer.Option("--operator", help="The person runs this exchange.")] = False,
    from_stdin: FromStdin = False,
    ask: Ask = False,
    as_json: AsJson = False,
) -> None:
    """Add a person of one partner (--partner) or an operator (--operator)."""
    if (partner_id is None) != is_operator:
        raise typer.BadParameter("say either --partner PARTNER or --operator")
    settings = Settings()
    if partner_id is not None and load_registry(settings.registry).partner(partner_id).is_exchange:
        remedy = "Use --operator for people of the exchange itself."
        raise ExchangeError("The exchange is no partner with people.", place=Place(partner=partner_id), remedy=remedy)
    given = _given_password(from_stdin, ask)
    with administrator(settings) as conn:
        password = given or accounts.new_password()
        account = accounts.add_account(conn, email, partner_id, password)
    _show(account, None if given else password, as_json)


@app.command()
def reset(email: Email, from_stdin: FromStdin = False, ask: Ask = False, as_json: AsJson = False) -> None:
    """Replace a person's password and end their sessions. A disabled account stays disabled."""
    given = _given_password(from_stdin, ask)
    with administrator(Settings()) as conn:
        password = given or accounts.new_password()
        account = accounts.reset_password(conn, email, password)
    _show(account, None if given else password, as_json)


@app.command()
def disable(
    email: Email,
    is_undone: Annotated[bool, typer.Option("--undo", help="Let the person sign in again instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Keep a person out. The account and its password stay, for --undo."""
    with administrator(Settings()) as conn:
        account = accounts.set_disabled(conn, email, not is_undone)
    if as_json:
        print_json({"email": account.email, "partner_id": account.partner_id, "is_disabled": not is_undone})
    else:
        console().print(f"{account.email}: {'may sign in again' if is_undone else 'disabled'}.", markup=False)


@app.command("list")
def list_people(as_json: AsJson = False) -> None:
    """Who may sign in, and who is signed in."""
    with administrator(Settings()) as conn:
        found = people(conn)
    if as_json:
        print_json([asdict(person) for person in found])
        return
    columns = ("email", "partner", "disabled", "last seen", "open sessions")
    rows = [
        (each.email, each.partner_id or "operator", each.is_disabled, each.last_seen_at, each.open_sessions)
        for each in found
    ]
    console().print(table("People who sign in to the dashboard", columns, rows, numbers=("open sessions",)))


@app.command("sign-out")
def sign_out(email: Email, as_json: AsJson = False) -> None:
    """End all sessions of a person, from the next click on. The person may sign in again: see `disable`."""
    with administrator(Settings()) as conn:
        ended = accounts.sign_out(conn, email)
    if as_json:
        print_json({"email": accounts.lookup_address(email), "ended_sessions": ended})
    else:
        console().print(f"{accounts.lookup_address(email)}: sessions ended: {ended}.", markup=False)


def _given_password(from_stdin: bool, ask: bool) -> str | None:
    """The password a person chose; None: make one."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            raise typer.BadParameter("standard input holds no password", param_hint="--password-stdin")
        return password
    if ask:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return None


def _show(account: accounts.Account, made_password: str | None, as_json: bool) -> None:
    if as_json:
        shown = {"email": account.email, "partner_id": account.partner_id, "password": made_password}
        print_json({"user_id": account.user_id, **shown})
        return
    console().print(f"{account.email} ({account.partner_id or 'operator'})", markup=False)
    if made_password is not None:
        console().print(f"password  {made_password}", markup=False)
        console().print("The password is not kept: hand it over now. `exchange user reset` makes another.")
