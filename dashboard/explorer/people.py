"""Pages of people: sorted, and followed by keyset, so that the thousandth page costs what the first does."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from dashboard.database import Reader
from dashboard.explorer.facets import LAST_CONTACT
from dashboard.explorer.filters import BadFilterError
from dashboard.paging import cut

PAGE_SIZE = 50
# From so many people on, the index of the order is walked until a page of them is found; fewer are filtered first and
# then sorted. The planner cannot know: it takes choices for independent, and walked a million rows for nobody. Walking
# finds 6,000 of a million people in 14 ms where filtering takes up to 250: no index finds whoever was not asked.
# Counties, ages and days are filters too: whom one filters by them may all stand at the end of that order, so that only
# many are walked for.
FEW_PEOPLE = {"name": 3_000, "person": 3_000, "county": 60_000, "age": 60_000, "last": 60_000}

# expressions of the indexes of published.explorer, letter by letter
SORTS = {
    "name": "coalesce(name_key, '') collate \"C\"",
    "person": "person_id",
    "county": "coalesce(county_fips, '')",
    "age": "coalesce(birth_year, 0)",
    "last": f"coalesce({LAST_CONTACT}, '0001-01-01'::date)",
}


@dataclass(frozen=True)
class Order:
    """How people are sorted; equal ones by their id. The age grows as the year of birth falls."""

    name: str
    is_descending: bool

    @property
    def text(self) -> str:
        """As the address has it."""
        return f"-{self.name}" if self.is_descending else self.name

    @property
    def key(self) -> sql.SQL:
        return sql.SQL(SORTS[self.name])

    @property
    def falls(self) -> bool:
        """Whether the key falls from row to row."""
        return self.is_descending != (self.name == "age")


@dataclass(frozen=True)
class People:
    """One page. rows: of the view voters; before, after: cursors of the pages beside it, if there are any."""

    rows: Sequence[dict[str, Any]]
    before: str | None
    after: str | None


def parse_order(text: str, *, has_names: bool) -> Order:
    """Raises BadFilterError for an order that is none, or one that the partner cannot see."""
    name = text.removeprefix("-")
    if not text:
        return Order("name" if has_names else "person", is_descending=False)
    if name not in SORTS or (name == "name" and not has_names):
        raise BadFilterError(f"People cannot be sorted by “{text[:40]}”.")
    return Order(name, text.startswith("-"))


class Cursors:
    """Where a page begins: a person's id with our signature, for one role. It holds no name, and cannot be made up."""

    def __init__(self, secret: bytes, role: str) -> None:
        self._key = hmac.digest(secret, b"cursor " + role.encode(), hashlib.sha256)

    def write(self, person_id: str) -> str:
        return urlsafe_b64encode(self._signature(person_id) + person_id.encode()).decode().rstrip("=")

    def read(self, cursor: str) -> str:
        """Raises BadFilterError for a cursor that is not ours."""
        try:
            content = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            person_id = content[12:].decode()
        except (NoBase64, ValueError):
            person_id, content = "", b""
        if not hmac.compare_digest(content[:12], self._signature(person_id)):
            raise BadFilterError("This page of the list is not one of ours. Go back to its beginning.")
        return person_id

    def _signature(self, person_id: str) -> bytes:
        return hmac.digest(self._key, person_id.encode(), hashlib.sha256)[:12]


async def read_people(
    reader: Reader,
    cursors: Cursors,
    where: sql.Composable,
    total: int,
    order: Order,
    *,
    after: str = "",
    before: str = "",
) -> People:
    """One page of the people of a condition. total: how many they are, as counted before.

    Raises BadFilterError for a forged cursor, and for one whose person is no longer in the partner's view.
    """
    if total == 0:
        return People((), None, None)
    is_backwards = bool(before)
    start = cursors.read(after or before) if after or before else None
    ids = await _ids(reader, where, total, order, start, is_backwards)
    ids, first, last = cut(ids, PAGE_SIZE, is_backwards=is_backwards, is_begun=start is not None)
    return People(
        await _voters(reader, ids),
        None if first is None else cursors.write(first),
        None if last is None else cursors.write(last),
    )


async def _ids(
    reader: Reader, where: sql.Composable, total: int, order: Order, start: str | None, is_backwards: bool
) -> list[str]:
    """The ids of a page and of one person more, away from `start`."""
    key = order.key
    falls = order.falls != is_backwards
    is_few = total < FEW_PEOPLE[order.name]
    parts = [where]
    if start is not None:
        place = await reader.value(
            sql.SQL("select {} from explorer where person_id = {}").format(key, sql.Literal(start))
        )
        if place is None:
            raise BadFilterError("The list has changed since. Go back to its beginning.")
        parts.append(
            sql.SQL("({}, person_id) {} ({}, {})").format(
                key, sql.SQL("<" if falls else ">"), sql.Literal(place), sql.Literal(start)
            )
        )
    query = sql.SQL(
        "select person_id from {source} order by {key} {direction}, person_id {direction} limit {size}"
    ).format(
        source=sql.SQL(
            "(select * from explorer where {where} offset 0) as found" if is_few else "explorer where {where}"
        ).format(where=sql.SQL(" and ").join(sql.SQL("({})").format(part) for part in parts)),
        key=key,
        direction=sql.SQL("desc" if falls else "asc"),
        size=sql.Literal(PAGE_SIZE + 1),
    )
    # offset 0 keeps Postgres from walking, and nothing to sort with from filtering first
    if not is_few:
        await reader.execute("set local enable_sort = off")
    rows = await reader.rows(query)
    if not is_few:
        await reader.execute("set local enable_sort = on")
    return [row["person_id"] for row in rows]


async def _voters(reader: Reader, ids: list[str]) -> list[dict[str, Any]]:
    rows = await reader.rows("select * from voters where person_id = any(%s)", [ids])
    found = {row["person_id"]: row for row in rows}
    return [found[person_id] for person_id in ids]


async def find_people(reader: Reader, text: str, *, has_names: bool) -> list[dict[str, Any]]:
    """People by the beginning of their name (last name first), or by their id; at most a page of them."""
    words = " ".join(text.upper().replace(",", " ").split())
    conditions = [sql.SQL("person_id = {}").format(sql.Literal(text.strip()))]
    if has_names and words:
        key = sql.SQL(SORTS["name"])
        # the last character there is: everything that begins with the words lies before it
        conditions.append(
            sql.SQL("({key} >= {first} and {key} < {last})").format(
                key=key, first=sql.Literal(words), last=sql.Literal(words + "\U0010ffff")
            )
        )
    rows: list[dict[str, Any]] = []
    for condition in conditions:
        rows += await reader.rows(
            sql.SQL("select person_id from explorer where {} order by {}, person_id limit {}").format(
                condition, sql.SQL(SORTS["name"] if has_names else "person_id"), sql.Literal(PAGE_SIZE)
            )
        )
    return await _voters(reader, list(dict.fromkeys(row["person_id"] for row in rows))[:PAGE_SIZE])
