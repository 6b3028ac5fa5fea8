"""What a list holds, as Postgres writes it: one line of CSV per person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from dashboard.database import Reader
from dashboard.explorer.inquiry import Inquiry
from dashboard.explorer.people import Order

# a spreadsheet takes a cell that begins so for a formula, and runs it
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# how lists of ids are headed where they come from, so that an upload finds the column by itself
ID_HEADERS = {
    "vanid_voterfile": "VANID",
    "vanid_campaign": "VANID",
    "state_voter_id": "StateFileID",
    "dwid": "DWID",
    "voterbase_id": "voterbase_id",
    "pdi_id": "pdi_id",
    "lalvoterid": "LALVOTERID",
    "exchange": "person_id",
}


@dataclass(frozen=True)
class Column:
    """One column of the view voters. meaning, codes: as the partner's data_dictionary has them."""

    name: str
    is_text: bool
    meaning: str
    codes: str | None


@dataclass(frozen=True)
class Size:
    """How many people a list is about. counted: who match; suppressed: of them, who must not be contacted."""

    counted: int
    suppressed: int

    @property
    def people(self) -> int:
        """Who are in the list."""
        return self.counted - self.suppressed


async def read_size(question: Inquiry) -> Size:
    """From the counts of the page of voters, which are kept for as long as the rows stay the same."""
    counts = await question.counts()
    leaves_out = question.universe.chosen("suppressed") == {"no"}
    return Size(counts.total, 0 if leaves_out else counts.choices["suppressed"]["yes"])


async def read_columns(reader: Reader) -> list[Column]:
    """In the order of the view: those that the partner may see, and no others."""
    rows = await reader.rows(
        """
        select
            attname::text as name,
            atttypid = 'text'::regtype as is_text,
            coalesce(meaning, '') as meaning,
            codes
        from pg_attribute
        left join data_dictionary on view_name = 'voters' and column_name = attname
        where attrelid = 'voters'::regclass and attnum > 0 and not attisdropped
        order by attnum
        """
    )
    return [Column(**row) for row in rows]


def copy_voters(columns: Sequence[Column], where: sql.Composable, order: Order) -> sql.Composed:
    """Every column, for a person to read in a spreadsheet."""
    cells = sql.SQL(", ").join(_cell(column) for column in columns)
    return _copy(cells, where, order)


def copy_ids(header: str, where: sql.Composable, order: Order) -> sql.Composed:
    """The ids alone, as they are: another system has to know them again."""
    return _copy(sql.SQL("voters.person_id as {}").format(sql.Identifier(header)), where, order)


def _cell(column: Column) -> sql.Composable:
    name = sql.Identifier("voters", column.name)
    # true and false, as spreadsheets know them, and not t and f
    cell = sql.SQL("{}::text").format(name)
    if column.is_text:
        starts = sql.Literal(list(FORMULA_STARTS))
        cell = sql.SQL("case when left({0}, 1) = any({1}::text[]) then '''' || {0} else {0} end").format(name, starts)
    return sql.SQL("{} as {}").format(cell, sql.Identifier(column.name))


def _copy(cells: sql.Composable, where: sql.Composable, order: Order) -> sql.Composed:
    """Who must not be contacted is left out, whatever was asked for."""
    direction = sql.SQL("desc" if order.falls else "asc")
    return sql.SQL(
        "copy (select {cells} from ("
        "select person_id, {key} as place from explorer where ({where}) and is_suppressed is not true"
        ") as chosen inner join voters on chosen.person_id = voters.person_id"
        " order by chosen.place {direction}, chosen.person_id {direction})"
        " to stdout (format csv, header true, encoding 'UTF8')"
    ).format(cells=cells, key=order.key, where=where, direction=direction)
