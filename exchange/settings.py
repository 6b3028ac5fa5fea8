"""Settings, read from the environment once per process. `exchange doctor` lists them all."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Where this exchange lives and what "now" is. Relative paths count from the current folder."""

    model_config = SettingsConfigDict(env_prefix="EXCHANGE_", env_ignore_empty=True, frozen=True)

    home: Path = Field(
        default=PROJECT_ROOT / ".exchange",
        description="Everything this exchange keeps: pgdata, inbox, archive, dagster, credentials.",
    )
    registry: Path = Field(
        default=PROJECT_ROOT / "seeds" / "registry",
        description="Folder with partners.csv, feeds.csv and the other registry files.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="An administrator's URL of any Postgres 15 or newer; unset: the embedded server under home.",
    )
    database_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Loopback port of the embedded server; unset: any free port, kept while the server runs.",
    )
    as_of: datetime | None = Field(
        default=None,
        description='Fixes "now" for tests and replays: an ISO date or time; without offset it is UTC.',
    )
    id_secret: SecretStr | None = Field(
        default=None,
        description="Key of the public contact ids; unset: derived from the registry at the first refresh.",
    )

    tls_cert: Path | None = Field(
        default=None,
        description="Certificate (PEM, with its chain) of the embedded server; unset: home/tls/server.crt, or no TLS.",
    )
    tls_key: Path | None = Field(
        default=None,
        description="Key of tls_cert (PEM, without a password); unset: home/tls/server.key.",
    )
    strict: bool = Field(
        default=False,
        description="Strict mode: every partner in a database of its own, where not even names of others are seen.",
    )
    access_log_days: int = Field(
        default=400,
        ge=1,
        description="How long it is kept what partners asked the database (`exchange access-log`).",
    )
    server_log: Path | None = Field(
        default=None,
        description="Folder of the JSON log of EXCHANGE_DATABASE_URL's server, if it can be read from here.",
    )

    dashboard_url: str | None = Field(
        default=None,
        description="Address people open the dashboard at, as https://host; unset: this machine only, by http.",
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="OpenID Connect provider people may sign in with, as https://host/path; unset: passwords only.",
    )
    oidc_client_id: str | None = Field(
        default=None,
        description="What the provider calls this exchange.",
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None,
        description="The secret the provider gave this exchange.",
    )

    export_limit: int = Field(
        default=50_000,
        ge=1,
        description="How many people one list out of the dashboard may hold.",
    )
    exports_per_day: int = Field(
        default=250_000,
        ge=1,
        description="How many people a partner may take out of the dashboard within 24 hours, in lists.",
    )

    @field_validator("dashboard_url", mode="after")
    @classmethod
    def _origin(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        is_origin = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
        if parts.scheme not in ("https", "http") or not parts.hostname or not is_origin:
            raise ValueError("expected https://host or https://host:port, without a path")
        return f"{parts.scheme}://{parts.netloc.lower()}"

    @field_validator("oidc_issuer", mode="after")
    @classmethod
    def _issuer(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if not parts.hostname or (parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost")):
            # what it says decides who gets in, and must come from it
            raise ValueError("expected https://host/path")
        return url.rstrip("/")

    @field_validator("home", "registry", "server_log", "tls_cert", "tls_key", mode="after")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return None if path is None else path.expanduser().absolute()

    @field_validator("as_of", mode="before")
    @classmethod
    def _date_means_midnight(cls, value: object) -> object:
        if isinstance(value, date) and not isinstance(value, datetime):
            return datetime.combine(value, time(), UTC)
        return value

    @field_validator("as_of", mode="after")
    @classmethod
    def _utc(cls, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    @cached_property
    def pgdata(self) -> Path:
        return self.home / "pgdata"

    @cached_property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @cached_property
    def archive(self) -> Path:
        return self.home / "archive"

    @cached_property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    @cached_property
    def credentials(self) -> Path:
        return self.home / "credentials"

    def now(self) -> datetime:
        """The instant every rule, embargo and freshness target is judged at (UTC)."""
        return self.as_of or datetime.now(UTC)
