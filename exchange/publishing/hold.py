"""Publications on hold: after a rollback only what protects persons is published, until an operator says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, Cursor
from psycopg.rows import class_row, scalar_row

from exchange.errors import ExchangeError

TABLES = """
    create table if not exists published.hold (
        publication_id bigint primary key,
        back_to bigint not null,
        held_at timestamptz not null default clock_timestamp(),
        held_by text not null,
        resumed_at timestamptz,
        resumed_by text
    );
    comment on table published.hold is
        'Grain: one row per rollback: the publication that it made, and who let publications go on, and when.';
"""


class HeldError(ExchangeError):
    """Publications are on hold."""


@dataclass(frozen=True)
class Hold:
    """A hold that lasts: `publication_id` is the rollback that began it, `back_to` what partners see since."""

    publication_id: int
    back_to: int
    held_at: datetime
    held_by: str


def current(connection: Connection[Any]) -> Hold | None:
    """The hold that lasts, by its newest rollback; None when publications go on."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        if not cursor.execute("select to_regclass('published.hold') is not null").fetchone():
            return None
    with connection.cursor(row_factory=class_row(Hold)) as cursor:
        return cursor.execute(
            "select publication_id, back_to, held_at, held_by from published.hold where resumed_at is null"
            " order by publication_id desc limit 1"
        ).fetchone()


def refuse(connection: Connection[Any], what: str) -> None:
    """Raise HeldError while publications are on hold. `what` happens, or does not: the end of the sentence."""
    held = current(connection)
    if held is not None:
        raise refusal(held, what)


def refusal(held: Hold, what: str) -> HeldError:
    return HeldError(
        f"Publications are on hold since the rollback to publication {held.back_to} by {held.held_by}"
        f" ({held.held_at:%Y-%m-%d %H:%M} UTC): {what}.",
        remedy="When what was wrong is mended: `exchange publication resume`, then `exchange refresh`.",
    )


def begin(cursor: Cursor[Any], publication_id: int, back_to: int, who: str) -> None:
    cursor.execute(
        "insert into published.hold (publication_id, back_to, held_by) values (%s, %s, %s)",
        (publication_id, back_to, who),
    )


def end(cursor: Cursor[Any], who: str) -> None:
    """Of a second rollback on top of a first, both."""
    cursor.execute(
        "update published.hold set resumed_at = clock_timestamp(), resumed_by = %s where resumed_at is null", (who,)
    )
