"""A generated exchange: registry rows and delivered files in stages, and how they are written to folders."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

Row = dict[str, str]
Registry = dict[str, list[Row]]


@dataclass(frozen=True)
class DeliveredFile:
    """One file of one feed, arriving before the refresh of its stage (0, 1, 2 ...). Rows in the order of the file."""

    stage: int
    feed_id: str
    location: str
    name: str
    rows: list[Row]

    def write(self, inbox: Path) -> None:
        folder = inbox / self.location
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / self.name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)


@dataclass(frozen=True)
class World:
    """`instants[n]` is EXCHANGE_AS_OF of the refresh after the files of stage n arrived."""

    registry: Registry
    files: list[DeliveredFile]
    instants: list[datetime]

    def write_registry(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self.registry.items():
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
                writer = csv.DictWriter(handle, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)

    def write_stage(self, inbox: Path, stage: int) -> None:
        for file in self.files:
            if file.stage == stage:
                file.write(inbox)

    def in_one_stage(self) -> World:
        """The same files, all there before a single refresh at the last instant (names keep their order)."""
        return replace(self, files=[replace(file, stage=0) for file in self.files], instants=self.instants[-1:])

    @property
    def partner_ids(self) -> list[str]:
        """Partners with views, in text order."""
        return sorted(
            row["partner_id"]
            for row in self.registry["partners"]
            if row["is_active"] == "true" and row["partner_id"] != "exchange"
        )
