"""Pages of rows that have no key of their own: followed by the columns they are sorted by, not by their number."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from starlette.exceptions import HTTPException
from starlette.requests import Request

from dashboard.database import Reader
from dashboard.explorer.filters import BadFilterError
from dashboard.explorer.people import Cursors
from dashboard.paging import cut

PAGE_SIZE = 50


@dataclass(frozen=True)
class Sorting:
    """How rows are sorted. columns: (name, type), of which none is null and which together tell rows apart."""

    columns: tuple[tuple[str, str], ...]
    is_descending: bool = False

    @property
    def key(self) -> sql.Composable:
        return sql.SQL(", ").join(sql.Identifier(name) for name, _ in self.columns)

    def order(self, *, is_backwards: bool) -> sql.Composable:
        falls = sql.SQL(" desc" if self.is_descending != is_backwards else " asc")
        return sql.SQL(", ").join(sql.Identifier(name) + falls for name, _ in self.columns)

    def beyond(self, *, is_backwards: bool) -> sql.Composable:
        """True for the rows after (before) the place that the parameters are, one per column."""
        return sql.SQL("({}) {} ({})").format(
            self.key,
            sql.SQL("<" if self.is_descending != is_backwards else ">"),
            # types are literals of ours
            sql.SQL(", ").join(sql.SQL(f"%s::{kind}") for _, kind in self.columns),
        )


@dataclass(frozen=True)
class Rows:
    """One page. before, after: cursors of the pages beside it, if there are any."""

    rows: Sequence[dict[str, Any]]
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True)
class Place:
    """Where the asked page begins, as its address says (`after` or `before`, a cursor of ours)."""

    cursors: Cursors
    values: Sequence[Any] | None = None
    is_backwards: bool = False


def place(request: Request, name: str) -> Place:
    """The place in the list of this name. Raises HTTPException 400 for a cursor that is not ours or of another list."""
    query = request.query_params
    role = request.state.viewer.role or ""
    cursors = Cursors(request.app.state.secret, f"{name} {role}")
    asked = query.get("after") or query.get("before")
    if not asked:
        return Place(cursors)
    if query.get("after") and query.get("before"):
        raise HTTPException(400, "A page comes after another or before it, not both.")
    try:
        return Place(
            cursors, json.loads(cursors.read(asked)), is_backwards="before" in query and not query.get("after")
        )
    except BadFilterError as error:
        raise HTTPException(400, str(error)) from error


async def read_page(
    reader: Reader,
    source: sql.Composable,
    parameters: Sequence[Any],
    sorting: Sorting,
    where: Place,
    size: int = PAGE_SIZE,
) -> Rows:
    """One page of the rows of a query (source, with its parameters)."""
    begun = where.values is not None
    query = sql.SQL("select * from ({source}) as listed where {beyond} order by {order} limit {limit}").format(
        source=source,
        beyond=sorting.beyond(is_backwards=where.is_backwards) if begun else sql.SQL("true"),
        order=sorting.order(is_backwards=where.is_backwards),
        limit=sql.Literal(size + 1),
    )
    rows = await reader.rows(query, [*parameters, *(where.values or ())])
    rows, first, last = cut(rows, size, is_backwards=where.is_backwards, is_begun=begun)
    return Rows(
        rows,
        None if first is None else _cursor(where, sorting, first),
        None if last is None else _cursor(where, sorting, last),
    )


def _cursor(where: Place, sorting: Sorting, row: dict[str, Any]) -> str:
    return where.cursors.write(json.dumps([str(row[name]) for name, _ in sorting.columns]))
