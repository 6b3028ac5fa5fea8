"""A real exchange in a folder of its own, driven only from outside: the command line, and each partner's
own login.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.rows import dict_row

ROOT = Path(__file__).resolve().parents[2]
# a refresh of a tiny world takes seconds of work and half a minute of start-up; five times that means it
# hangs
REFRESH_SECONDS = 600
CONTRACT_VIEWS = (
    "voter_responses",
    "contacts",
    "voters",
    "explorer",
    "suppressions",
    "changes",
    "my_files",
    "my_rejected_rows",
    "my_quarantined_rows",
    "my_statement",
    "coverage_summary",
    "sharing_terms",
    "freshness",
    "data_dictionary",
)


class RunningExchange:
    """EXCHANGE_HOME is `home`; its database is stopped when the block ends."""

    def __init__(self, home: Path, registry: Path, database_url: str | None = None) -> None:
        self.home = home
        self.registry = registry
        self.database_url = database_url
        self._doors: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.command("db", "stop")

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    def command(self, *arguments: str, as_of: datetime | None = None) -> str:
        """Standard output of `exchange ...`; a failure shows the end of what it said."""
        done = self.attempt(*arguments, as_of=as_of)
        if done.returncode != 0:
            said = f"{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
            raise AssertionError(f"exchange {' '.join(arguments)} ended with {done.returncode}:\n{said}")
        return done.stdout

    def attempt(self, *arguments: str, as_of: datetime | None = None) -> subprocess.CompletedProcess[str]:
        """`exchange ...` to its end, however it ends."""
        environment = {name: text for name, text in os.environ.items() if not name.startswith("EXCHANGE_")}
        environment |= {"EXCHANGE_HOME": str(self.home), "EXCHANGE_REGISTRY": str(self.registry)}
        if self.database_url is not None:
            environment["EXCHANGE_DATABASE_URL"] = self.database_url
        if as_of is not None:
            environment["EXCHANGE_AS_OF"] = as_of.isoformat()
        return subprocess.run(
            [sys.executable, "-m", "exchange.cli", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=REFRESH_SECONDS,
            check=False,
        )

    def refresh(self, as_of: datetime, *, full: bool = False) -> None:
        self.command("refresh", *(["--full"] if full else []), as_of=as_of)

    def door(self, partner_id: str) -> dict[str, Any]:
        """What `exchange partner rotate-password --json` says: url, schema ... A new password only the
        first time.
        """
        if partner_id not in self._doors:
            self._doors[partner_id] = json.loads(self.command("partner", "rotate-password", partner_id, "--json"))
        return self._doors[partner_id]

    def connect_as(self, partner_id: str) -> psycopg.Connection[dict[str, Any]]:
        return psycopg.connect(self.door(partner_id)["url"], row_factory=dict_row, autocommit=True)

    def connect_as_admin(self) -> psycopg.Connection[dict[str, Any]]:
        url = self.command("db", "url").strip().splitlines()[-1]
        return psycopg.connect(url, row_factory=dict_row, autocommit=True)

    def views(self, partner_id: str, names: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
        """All rows of the named views of a partner, read through its own login. Views that do not exist are
        left out.
        """
        schema = self.door(partner_id)["schema"]
        found = {}
        with self.connect_as(partner_id) as connection:
            for name in names:
                try:
                    found[name] = connection.execute(f"select * from {schema}.{name}").fetchall()
                except psycopg.errors.UndefinedTable:
                    continue
        return found

    def texts(self, partner_id: str, names: tuple[str, ...]) -> dict[str, str]:
        """The named views as CSV text ordered by all columns: two equal texts are byte-for-byte equal
        views.
        """
        schema = self.door(partner_id)["schema"]
        found = {}
        with self.connect_as(partner_id) as connection:
            for name in names:
                try:
                    columns = connection.execute(f"select * from {schema}.{name} limit 0").description or []
                except psycopg.errors.UndefinedTable:
                    continue
                order = ", ".join(str(number) for number in range(1, len(columns) + 1))
                query = f"copy (select * from {schema}.{name} order by {order}) to stdout (format csv, header)"
                with connection.cursor().copy(query) as lines:
                    found[name] = b"".join(bytes(line) for line in lines).decode()
        return found

    def voter_numbers(self) -> dict[str, str]:
        """Our own voter id -> 'state/state_voter_id', as the oracle writes a person of the `exchange`
        namespace.
        """
        with self.connect_as_admin() as connection:
            rows = connection.execute("select voter_id, state, state_voter_id from marts.dim_voters").fetchall()
        return {str(row["voter_id"]): f"{row['state']}/{row['state_voter_id']}" for row in rows}
