"""Settings, read from the environment once per process. `exchange doctor` lists them all."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path

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
