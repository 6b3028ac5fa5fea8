"""Rows of a partner's own files that could not be read (rejected) or not be understood (quarantined)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from psycopg import sql
from starlette.exceptions import HTTPException

from dashboard.database import Reader
from dashboard.keyset import Place, Rows, Sorting, read_page
from dashboard.own_files import KIND_OF_PROBLEM

# more files than anybody looks through in a list of choices
MOST_CHOICES = 200
FILTERS = ("feed", "file", "reason")
_COLUMNS = {"feed": "feed_id", "file": "file_name", "reason": "kind"}


@dataclass(frozen=True)
class Table:
    """One of the two. text_column: what the view tells of the row itself; view: its name in the partner's schema."""

    name: str
    view: str
    text_column: str

    @property
    def rows(self) -> sql.Composable:
        """Grain: the view's. line: what it tells of the row itself; digest: of all that tells rows of a line apart."""
        return sql.SQL(
            f"""
            select
                feed_id, file_name, line_number, reason, {KIND_OF_PROBLEM} as kind,
                coalesce(what_to_do, '') as what_to_do, coalesce({self.text_column}, '') as line,
                md5(concat_ws('|', reason, what_to_do, {self.text_column})) as digest
            from {self.view}
            """
        )


TABLES = {
    "rejected": Table("rejected", "my_rejected_rows", "line_text"),
    "quarantined": Table("quarantined", "my_quarantined_rows", "record_key"),
}
IN_FILE_ORDER = Sorting((("feed_id", "text"), ("file_name", "text"), ("line_number", "bigint"), ("digest", "text")))


@dataclass(frozen=True)
class Choice:
    value: str
    rows: int


@dataclass(frozen=True)
class Found:
    """What a table holds. total: all its rows; matching: those of the filters; choices: of each filter, by rows."""

    total: int
    matching: int
    choices: Mapping[str, Sequence[Choice]]


def chosen(pairs: Sequence[tuple[str, str]], further: Sequence[str] = ()) -> dict[str, str]:
    """The filters of an address or a form. further: keys that are no filters. Raises HTTPException 400 for others."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name not in FILTERS:
            if name not in further:
                raise HTTPException(400, f"There is no filter “{name[:40]}”.")
        elif value:
            if name in found:
                raise HTTPException(400, f"Only one “{name}” can be chosen.")
            found[name] = value
    return found


async def look(reader: Reader, table: Table, filters: Mapping[str, str]) -> Found:
    """Counts of a table. Raises HTTPException 400 for a filter that no row of the partner has."""
    rows = await reader.rows(
        sql.SQL(
            """
            with kinds as (select feed_id, file_name, {kind} as kind from {view})
            select feed_id, file_name, kind, count(*) as rows, count(*) filter (where {where}) as matching
            from kinds
            group by grouping sets ((), (feed_id), (file_name), (kind))
            order by rows desc, feed_id, file_name desc, kind
            """
        ).format(kind=sql.SQL(KIND_OF_PROBLEM), view=sql.Identifier(table.view), where=_condition(filters)),
        list(filters.values()),
    )
    choices: dict[str, list[Choice]] = {name: [] for name in FILTERS}
    total = matching = 0
    for row in rows:
        name = next((each for each in FILTERS if row[_COLUMNS[each]] is not None), None)
        if name is None:
            total, matching = row["rows"], row["matching"]
        else:
            choices[name].append(Choice(row[_COLUMNS[name]], row["rows"]))
    for name, value in filters.items():
        if value not in {choice.value for choice in choices[name]}:
            raise HTTPException(400, f"None of your {table.name} rows has the {name} “{value[:80]}”.")
    return Found(
        total,
        matching,
        {
            # the one in force stays in the list, however rare it is
            name: [each for place, each in enumerate(all_) if place < MOST_CHOICES or each.value == filters.get(name)]
            for name, all_ in choices.items()
        },
    )


async def page_of_rows(reader: Reader, table: Table, filters: Mapping[str, str], place: Place) -> Rows:
    """Grain: one per different row. A file that came again under its name has each of its rows once, `times` told."""
    source, parameters = filtered(table, filters)
    grouped = sql.SQL(
        "select feed_id, file_name, line_number, reason, what_to_do, line, digest, count(*) as times"
        " from ({}) as filtered"
        " group by feed_id, file_name, line_number, reason, what_to_do, line, digest"
    ).format(source)
    return await read_page(reader, grouped, parameters, IN_FILE_ORDER, place)


def filtered(table: Table, filters: Mapping[str, str]) -> tuple[sql.Composable, list[Any]]:
    """All rows of the filters, as a query and its parameters."""
    query = sql.SQL("select * from ({}) as told where {}").format(table.rows, _condition(filters))
    return query, list(filters.values())


def url(table: str, filters: Mapping[str, str], **further: str) -> str:
    pairs = [*filters.items(), *((name, value) for name, value in further.items() if value)]
    return f"/quality/{table}{'?' if pairs else ''}{urlencode(pairs)}"


def _condition(filters: Mapping[str, str]) -> sql.Composable:
    if not filters:
        return sql.SQL("true")
    return sql.SQL(" and ").join(sql.SQL("{} = %s").format(sql.Identifier(_COLUMNS[name])) for name in filters)
