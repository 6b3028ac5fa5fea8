"""`exchange partner`: database logins of registered partners. A password is shown once, when it is made."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from exchange.cli.console import console, print_json, table
from exchange.publishing import logins, strict
from exchange.registry import Partner, load_registry
from exchange.settings import Settings
from exchange.warehouse.bootstrap import administrator
from exchange.warehouse.connection import connection_info
from exchange.warehouse.tls import certificate_files

app = typer.Typer(
    help="List, add and suspend partners' database logins; rotate their passwords.",
    no_args_is_help=True,
    add_completion=False,
)

PartnerId = Annotated[str, typer.Argument(metavar="PARTNER", help="partner_id of partners.csv")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_partners(as_json: AsJson = False) -> None:
    """List every partner of the registry and the state of its login."""
    settings = Settings()
    partners = load_registry(settings.registry).partners
    with administrator(settings) as conn:
        found = logins.list_logins(conn, partners)
    if as_json:
        print_json([_described(login) for login in found])
        return
    columns = ["partner", "name", "side", "role", "active", "login", "suspended", "password set"]
    rows = [
        [
            login.partner_id,
            login.partner_name,
            login.side,
            login.role,
            login.is_active,
            login.has_login,
            login.is_suspended,
            login.password_set_at,
        ]
        for login in found
    ]
    console().print(table("Partners", columns, rows))


@app.command()
def add(partner_id: PartnerId, as_json: AsJson = False) -> None:
    """Create the login of a partner and show its password: once, now."""
    settings = Settings()
    partner = load_registry(settings.registry).partner(partner_id)
    with administrator(settings) as conn:
        password = logins.create_login(conn, partner, strict=settings.strict)
    _show(settings, partner, password, as_json)


@app.command("rotate-password")
def rotate_password(partner_id: PartnerId, as_json: AsJson = False) -> None:
    """Replace a partner's password (or make its first) and show it: once, now.

    The old one ends at once, and so does every session that came in with it.
    """
    settings = Settings()
    partner = load_registry(settings.registry).partner(partner_id)
    with administrator(settings) as conn:
        password = logins.rotate_password(conn, partner, strict=settings.strict)
    _show(settings, partner, password, as_json)


@app.command()
def suspend(
    partner_id: PartnerId,
    is_resumed: Annotated[bool, typer.Option("--resume", help="Open the door again instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """Close a partner's door at once: no new sessions, open ones end. What it contributed stays shared."""
    settings = Settings()
    with administrator(settings) as conn:
        role = logins.registered_role(conn, partner_id)
        # in an emergency a broken registry must not keep a door open: the role on record is enough
        if role is None:
            partner = load_registry(settings.registry).partner(partner_id)
        else:
            partner = Partner(partner_id=partner_id, share_schema=role)
        act = logins.resume if is_resumed else logins.suspend
        act(conn, partner)
    if as_json:
        print_json({"partner_id": partner_id, "role": partner.share_schema, "suspended": not is_resumed})
    else:
        console().print(f"{partner_id}: {'the door is open again' if is_resumed else 'suspended'}.")


def _described(login: logins.Login) -> dict[str, Any]:
    return {
        "partner_id": login.partner_id,
        "partner_name": login.partner_name,
        "side": login.side,
        "role": login.role,
        "is_active": login.is_active,
        "has_login": login.has_login,
        "suspended": login.is_suspended,
        "password_set_at": login.password_set_at,
        "suspended_at": login.suspended_at,
    }


def _show(settings: Settings, partner: Partner, password: str, as_json: bool) -> None:
    from pydantic import SecretStr

    assert partner.share_schema is not None
    # an administrator's further parameters (options, a role) are not the partner's
    admin = connection_info(settings, "admin")
    info = admin.model_copy(
        update={
            "dbname": strict.database_of(settings, partner.share_schema, admin.dbname),
            "user": partner.share_schema,
            "password": SecretStr(password),
            "parameters": {"sslmode": "require"}
            if settings.database_url is None and certificate_files(settings)
            else {},
        }
    )
    shown = {
        "partner_id": partner.partner_id,
        "role": partner.share_schema,
        "user": info.user,
        "password": password,
        "schema": partner.share_schema,
        "host": info.host,
        "port": info.port,
        "dbname": info.dbname,
        "url": info.url(),
    }
    if as_json:
        print_json(shown)
        return
    width = max(len(name) for name in shown)
    for name, value in shown.items():
        console().print(f"{name:<{width}}  {value}", markup=False)
    console().print("The password is not kept: hand it over now. `exchange partner rotate-password` makes another.")
