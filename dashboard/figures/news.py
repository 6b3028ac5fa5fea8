"""What is new: changes of the last publications, how old the sources are, refused files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.figures.kept import Figures

# publications are nightly: about a week
PUBLICATIONS = 7


@dataclass(frozen=True)
class News:
    """changes: relation -> change -> rows, of the publications first to last (None: nothing changed yet).

    sources: as in freshness, oldest first; refused: how many of our files were refused.
    """

    first: int | None
    last: int | None
    changes: Mapping[str, Mapping[str, int]]
    sources: Sequence[Mapping[str, Any]]
    refused: int

    @property
    def late(self) -> Sequence[Mapping[str, Any]]:
        return [source for source in self.sources if not source["is_on_time"]]


async def read_news(figures: Figures) -> News:
    return await figures.keep(("news",), lambda: _read(figures))


async def _read(figures: Figures) -> News:
    reader = figures.reader
    last = await reader.value("select max(publication_id) from changes")
    rows = await reader.rows(
        """
        select relation, change, min(publication_id) as first, count(*) as rows
        from changes
        where publication_id > %s
        group by relation, change
        """,
        [(last or 0) - PUBLICATIONS],
    )
    changes: dict[str, dict[str, int]] = {}
    for row in rows:
        changes.setdefault(row["relation"], {})[row["change"]] = row["rows"]
    return News(
        first=min((row["first"] for row in rows), default=None),
        last=last,
        changes=changes,
        sources=await reader.rows(
            "select source_kind, is_own, newest_data_on, is_on_time from freshness order by newest_data_on, source_kind"
        ),
        refused=await reader.value("select count(*) from my_files where status = 'refused'"),
    )
