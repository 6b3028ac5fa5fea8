"""The log of exports: written before the first byte leaves, and what a partner may still take today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dashboard.database import Database, Reader
from dashboard.exporting.rows import Size
from dashboard.viewer import DataVersion, Viewer
from exchange.settings import Settings

# what a partner sees of its own log
SHOWN = 50


class RefusedError(Exception):
    """The list is not given out; in words for the person who asked."""


@dataclass(frozen=True)
class Announcement:
    """What is announced of one file. suppressed_left_out: None where nobody is."""

    kind: str
    what: str
    filter: str
    purpose: str
    version: DataVersion
    counted: int
    suppressed_left_out: int | None = None


def check_size(size: Size, settings: Settings) -> None:
    """Raises RefusedError for nobody, and for more than one list may hold. It is never cut."""
    if size.people > settings.export_limit:
        left_out = f", {size.suppressed:,} of them must not be contacted" if size.suppressed else ""
        raise RefusedError(
            f"{size.counted:,} match{left_out}; a list may hold {settings.export_limit:,}. Narrow it: add a filter, or"
            " choose a county or a district and take a list of each."
        )
    if size.people == 0:
        raise RefusedError(
            f"{size.counted:,} match, and all of them must not be contacted." if size.counted else "No one matches."
        )


async def check_quota(keeper: Reader, viewer: Viewer, size: Size, settings: Settings) -> None:
    """Raises RefusedError if the partner's people of the last 24 hours would become too many."""
    taken = await keeper.value(
        """
        select coalesce(sum(coalesce(rows_sent, counted - coalesce(suppressed_left_out, 0))), 0)
        from dashboard.export
        where partner_id = %s and kind in ('csv', 'van') and begun_at > clock_timestamp() - interval '24 hours'
        """,
        [viewer.partner_id],
    )
    left = max(settings.exports_per_day - int(taken), 0)
    if size.people > left:
        raise RefusedError(
            f"Your organization has taken {int(taken):,} people in the last 24 hours and may take"
            f" {settings.exports_per_day:,}: this list would hold {size.people:,}, {left:,} are left. Narrow it, or"
            " come back tomorrow."
        )


async def announce(database: Database, viewer: Viewer, taken: Announcement, size: Size, settings: Settings) -> UUID:
    """Write down who takes which list of voters, and commit it. Raises RefusedError if the partner has taken enough."""
    async with database.as_keeper() as keeper:
        await check_quota(keeper, viewer, size, settings)
        return await write_down(keeper, viewer, taken)


async def write_down(keeper: Reader, viewer: Viewer, taken: Announcement) -> UUID:
    """Who takes what. Returns its id in the log, for close()."""
    export_id: UUID = await keeper.value(
        """
        insert into dashboard.export (
            user_id, email, partner_id, kind, what, filter, as_of, publication, purpose, counted, suppressed_left_out
        )
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        returning export_id
        """,
        [
            viewer.user_id,
            viewer.email,
            viewer.partner_id,
            taken.kind,
            taken.what,
            taken.filter,
            taken.version.as_of,
            str(taken.version.publication_count),
            taken.purpose,
            taken.counted,
            taken.suppressed_left_out,
        ],
    )
    return export_id


async def close(database: Database, export_id: UUID, *, rows_sent: int, sha256: str | None) -> None:
    """What became of it. sha256: of the whole list; None: it did not arrive whole."""
    async with database.as_keeper() as keeper:
        await keeper.execute(
            """
            update dashboard.export set rows_sent = %s, sha256 = %s, ended_at = clock_timestamp(), outcome = %s
            where export_id = %s
            """,
            [rows_sent, sha256, "aborted" if sha256 is None else "complete", export_id],
        )


async def recent(keeper: Reader, viewer: Viewer) -> list[dict[str, Any]]:
    """Grain: one row per file that the viewer's partner took, the newest first."""
    return await keeper.rows(
        """
        select export_id, begun_at, email, kind, what, filter, as_of, purpose, counted, suppressed_left_out, rows_sent,
            outcome
        from dashboard.export
        where partner_id = %s
        order by begun_at desc, export_id
        limit %s
        """,
        [viewer.partner_id, SHOWN],
    )
