"""A whole exchange to measure with: the demo's, at any size, and a new file for its inbox."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from exchange.registry import load_registry
from exchange.settings import PROJECT_ROOT, Settings
from exchange.warehouse.connection import connect

# a feed whose tool is a plain file: 100,000 more rows of it are written easily
FEED = "carolina_doors_contacts"


@dataclass(frozen=True)
class Exchange:
    """One exchange: its home and the environment of its commands."""

    home: Path

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, registry=self.home / "registry", database_url=None, database_port=None)

    @property
    def environment(self) -> dict[str, str]:
        own = {"EXCHANGE_HOME": str(self.home), "EXCHANGE_REGISTRY": str(self.home / "registry")}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EXCHANGE_")}
        return {**kept, **own, "PYTHONPATH": str(PROJECT_ROOT)}

    def command(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "exchange.cli", *arguments]
        return subprocess.Popen(
            command, cwd=PROJECT_ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def done(self, *arguments: str) -> None:
        """A command that has to succeed; raises RuntimeError with its words otherwise."""
        running = self.command(*arguments)
        said, _ = running.communicate()
        if running.returncode:
            raise RuntimeError(said)

    def responses(self) -> int:
        with connect(self.settings) as conn:
            [(count,)] = conn.execute("select count(*) from marts.fct_voter_responses").fetchall()
        return int(count)

    def deliver(self, rows: int) -> None:
        """A new file of FEED: its people are asked again; a twentieth of the rows corrects older ones."""
        feed = load_registry(self.settings.registry).feed(FEED)
        folder = self.settings.inbox / feed.location
        with (folder / "contacts_2999-01-01.csv").open("w", newline="", encoding="utf-8") as file:
            writer = None
            for number, row in zip(range(rows), _again(folder), strict=False):
                if writer is None:
                    writer = csv.DictWriter(file, list(row))
                    writer.writeheader()
                if number % 20:
                    row = {
                        **row,
                        "record_id": f"again-{number}",
                        "contact_key": row["contact_key"] and f"again-{row['contact_key']}-{number // 4}",
                    }
                writer.writerow(row)


def _again(folder: Path) -> Iterator[dict[str, str]]:
    """The rows of the feed's files, a little later each time round, as often as asked for."""
    files = sorted(path for path in folder.glob("*.csv") if "2999" not in path.name)
    round_no = 0
    while True:
        round_no += 1
        for path in files:
            with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
                # the demo's damaged lines stay where they are
                whole = (row for row in csv.DictReader(file) if None not in row and None not in row.values())
                for row in whole:
                    yield row | {"contacted_at": _later(row["contacted_at"], round_no)}


def _later(text: str, minutes: int) -> str:
    try:
        return (datetime.fromisoformat(text) + timedelta(minutes=minutes)).isoformat()
    except ValueError:
        return text
