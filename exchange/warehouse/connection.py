"""Connections by role: to the embedded server, or to the Postgres of EXCHANGE_DATABASE_URL."""

from __future__ import annotations

import re
from typing import Any, Literal, get_args
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from exchange.errors import ExchangeError
from exchange.settings import Settings
from exchange.warehouse.binaries import LEAST_MAJOR
from exchange.warehouse.cluster import ADMIN_USER
from exchange.warehouse.credentials import read_password
from exchange.warehouse.ports import LOOPBACK
from exchange.warehouse.server import EmbeddedServer

Role = Literal["admin", "owner", "loader", "dbt", "web", "dagster"]
ROLES: tuple[Role, ...] = get_args(Role)
DATABASE = "exchange"


class ConnectionInfo(BaseModel):
    """How one role reaches the database. Printing it does not show the password; url() does."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int
    dbname: str
    user: str
    password: SecretStr
    # what else libpq needs: sslmode, sslrootcert, options, …
    parameters: dict[str, str] = Field(default_factory=dict)

    def url(self, scheme: str = "postgresql") -> str:
        """A URL with the password in it, for libpq and everything that reads libpq's URLs."""
        name = quote(self.user, safe="")
        secret = quote(self.password.get_secret_value(), safe="")
        query = f"?{urlencode(self.parameters, quote_via=quote)}" if self.parameters else ""
        host = quote(self.host, safe=":,[]") if ":" not in self.host else f"[{self.host}]"
        return f"{scheme}://{name}:{secret}@{host}:{self.port}/{quote(self.dbname, safe='')}{query}"

    def sqlalchemy_url(self) -> str:
        return self.url("postgresql+psycopg")

    def as_env(self) -> dict[str, str]:
        """What dbt_project/profiles.yml reads, and libpq's own variables for the rest (TLS)."""
        env = {
            "EXCHANGE_DBT_HOST": self.host,
            "EXCHANGE_DBT_PORT": str(self.port),
            "EXCHANGE_DBT_DBNAME": self.dbname,
            "EXCHANGE_DBT_USER": self.user,
            "EXCHANGE_DBT_PASSWORD": self.password.get_secret_value(),
        }
        return env | self._further_env()

    def libpq_env(self) -> dict[str, str]:
        """The same for psql and pg_dump, whose command line would show a password to everybody."""
        env = {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGDATABASE": self.dbname,
            "PGUSER": self.user,
            "PGPASSWORD": self.password.get_secret_value(),
        }
        return env | self._further_env()

    def _further_env(self) -> dict[str, str]:
        # libpq says how its variables are called: PGCHANNELBINDING, PGAPPNAME; a few parameters have none
        names = {option.keyword.decode(): option.envvar.decode() for option in Conninfo.get_defaults() if option.envvar}
        return {names[name]: value for name, value in self.parameters.items() if name in names}


def ensure_running(settings: Settings) -> None:
    """Start the embedded server unless it runs or EXCHANGE_DATABASE_URL is set. Safe to repeat."""
    if settings.database_url is None:
        EmbeddedServer(settings).start()


def connection_info(settings: Settings, role: Role = "admin") -> ConnectionInfo:
    """How `role` connects. `owner` does not log in: it is the administrator, acting as exchange_owner.

    Raises ExchangeError when the embedded server does not run or the role has no password yet.
    """
    if role not in ROLES:
        raise ExchangeError("There is no such database role.", expected=", ".join(ROLES), got=role)
    admin = _embedded(settings) if settings.database_url is None else _external(settings.database_url)
    if role == "admin":
        return admin
    if role == "owner":
        options = " ".join(filter(None, [admin.parameters.get("options"), f"-c role={role_name('owner')}"]))
        return admin.model_copy(update={"parameters": {**admin.parameters, "options": options}})
    user = role_name(role)
    return admin.model_copy(update={"user": user, "password": read_password(settings, user)})


def role_name(role: Role) -> str:
    """The name in Postgres; the administrator's own name depends on the server and is not here."""
    return f"exchange_{role}"


def connect(settings: Settings, role: Role = "admin", **kwargs: Any) -> psycopg.Connection[Any]:
    """A connection of psycopg; `kwargs` go to psycopg.connect (autocommit, row_factory, dbname, …).

    Raises ExchangeError when the server does not answer, refuses, or is older than Postgres 15.
    """
    return open_connection(connection_info(settings, role), **kwargs)


def open_connection(info: ConnectionInfo, **kwargs: Any) -> psycopg.Connection[Any]:
    """connect(), for a ConnectionInfo at hand."""
    arguments: dict[str, Any] = {
        "connect_timeout": 10,
        "fallback_application_name": "exchange",
        "host": info.host,
        "port": info.port,
        "dbname": info.dbname,
        "user": info.user,
        "password": info.password.get_secret_value(),
        **info.parameters,
        **kwargs,
    }
    try:
        connection: psycopg.Connection[Any] = psycopg.connect(**arguments)
    except psycopg.OperationalError as error:
        raise ExchangeError(
            f"The database refused a connection: {str(error).strip()}",
            got=f"{info.user}@{info.host}:{info.port}/{arguments['dbname']}",
            remedy="`exchange db start` starts and repairs the embedded server; `exchange doctor` says what is wrong.",
        ) from error
    if connection.info.server_version < LEAST_MAJOR * 10_000:
        version = connection.info.parameter_status("server_version")
        connection.close()
        raise ExchangeError(
            "The database is too old.", expected=f"Postgres {LEAST_MAJOR} or newer", got=f"Postgres {version}"
        )
    return connection


def _embedded(settings: Settings) -> ConnectionInfo:
    port = EmbeddedServer(settings).port()
    if port is None:
        raise ExchangeError("The database server does not run.", remedy="`exchange db start` starts it.")
    return ConnectionInfo(
        host=LOOPBACK,
        port=port,
        dbname=DATABASE,
        user=ADMIN_USER,
        password=read_password(settings, ADMIN_USER),
        # the loopback needs no TLS, and asking for it costs a round trip per connection
        parameters={"sslmode": "disable"},
    )


def _external(database_url: SecretStr) -> ConnectionInfo:
    # people paste SQLAlchemy's form: postgresql+psycopg2://
    url = re.sub(r"^(postgres(?:ql)?)\+\w+://", r"\1://", database_url.get_secret_value())
    try:
        parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
        user = parts.pop("user")
        # libpq's own rule: without a name the database is called like the user
        return ConnectionInfo(
            host=parts.pop("host", "") or parts.get("hostaddr", "") or "localhost",
            port=int(parts.pop("port", "5432")),
            dbname=parts.pop("dbname", user),
            user=user,
            password=SecretStr(parts.pop("password", "")),
            parameters=parts,
        )
    except (psycopg.ProgrammingError, KeyError, ValueError):
        # the cause is not chained: its text may quote the URL, and the URL holds a password
        raise ExchangeError(
            "EXCHANGE_DATABASE_URL is not a URL of one Postgres server.",
            expected="postgresql://user:password@host:5432/database",
        ) from None
