"""The gate: refuses a file whose records can all be read but which as a whole is not what it should be.

Checked in the loading transaction, after COPY: a refused file leaves nothing, and what was loaded before stays. A
single odd row is not its business: staging quarantines it. Formats declare what is checked: `gate` and `pattern` in
models/staging/<system>/_<system>__sources.yml.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from exchange.errors import ExchangeError, Place
from exchange.intake.formats import FileFormat, FormatColumn
from exchange.intake.gate_sizes import check_size, write_slices
from exchange.intake.inbox import DeliveredFeed

# A share of fewer values says nothing, unless a second column tells the same: rows shift by whole columns.
_TELLING_ALONE = 20
_TELLING_TOGETHER = 3
# An even sample is as good as the file for a share, and 15 regular expressions over 8 M rows would take a minute.
_SAMPLE = 100_000
_SHOWN = 5
_OLD_STAYS = "Nothing of the file was loaded; what was loaded before stays."


def check_contents(
    conn: psycopg.Connection[Any],
    file_format: FileFormat,
    feed: DeliveredFeed,
    file_id: int,
    loaded: int,
    accept_shrink: bool,
) -> None:
    """Raise ExchangeError if the loaded file must go; otherwise note which parts of its feed it is about."""
    if not loaded:
        # nothing to judge, and nothing it could replace but by its emptiness
        check_size(conn, file_format, feed, file_id, loaded, accept_shrink)
        return
    rows = _Rows(conn, file_format, file_id)
    if file_format.patterned:
        _check_columns(rows, loaded)
    if file_format.gate.unique:
        _check_unique(rows)
    if file_format.gate.slice_column:
        write_slices(conn, file_format, file_id)
    check_size(conn, file_format, feed, file_id, loaded, accept_shrink)


@dataclass(frozen=True)
class _Rows:
    """The rows of one file in its raw table."""

    conn: psycopg.Connection[Any]
    file_format: FileFormat
    file_id: int

    def select(self, query: sql.Composed) -> list[tuple[Any, ...]]:
        return self.conn.execute(query).fetchall()

    @property
    def source(self) -> sql.Composed:
        return sql.SQL("{} where _file_id = {}").format(
            sql.Identifier("raw", self.file_format.name), sql.Literal(self.file_id)
        )


@dataclass(frozen=True)
class _Misfit:
    """A column of which most filled values do not match the pattern."""

    column: FormatColumn
    filled: int
    wrong: int

    @property
    def share(self) -> float:
        return self.wrong / self.filled


def _check_columns(rows: _Rows, loaded: int) -> None:
    columns = rows.file_format.patterned
    step = -(-loaded // _SAMPLE)
    counts = sql.SQL(", ").join(
        sql.SQL("count({value}), count(*) filter (where {value} !~ {pattern})").format(
            value=_trimmed(column.name), pattern=sql.Literal(column.pattern)
        )
        for column in columns
    )
    query = sql.SQL("select {} from {} and _row_number % {} = 0").format(counts, rows.source, sql.Literal(step))
    ((*found,),) = rows.select(query)
    judged = [_Misfit(column, *found[2 * n : 2 * n + 2]) for n, column in enumerate(columns)]
    misfits = [one for one in judged if one.filled >= _TELLING_TOGETHER and 2 * one.wrong > one.filled]
    if len(misfits) < 2 and not any(one.filled >= _TELLING_ALONE for one in misfits):
        return
    worst = max(misfits, key=lambda one: one.share)
    line, example = _first_wrong(rows, worst.column)
    others = [one.column.headers[0] for one in misfits if one is not worst]
    also = f"; the same with {', '.join(others)}" if others else ""
    raise ExchangeError(
        f"{worst.share:.0%} of the filled values of the column {worst.column.headers[0]!r} are not "
        f"{worst.column.like}{also}: columns have shifted, or it is another kind of file",
        place=Place(line=line, column=worst.column.headers[0]),
        expected=worst.column.like,
        got=example,
        remedy=f"Look at that line: has a column before it been lost or doubled? Export the file again. {_OLD_STAYS}",
    )


def _first_wrong(rows: _Rows, column: FormatColumn) -> tuple[int, str]:
    query = sql.SQL("select _row_number, {value} from {source} and {value} !~ {pattern} order by 1 limit 1").format(
        value=_trimmed(column.name), source=rows.source, pattern=sql.Literal(column.pattern)
    )
    ((line, example),) = rows.select(query)
    return line, example


def _check_unique(rows: _Rows) -> None:
    gate = rows.file_format.gate
    keys = sql.SQL(", ").join(sql.SQL("upper({})").format(_trimmed(name)) for name in gate.unique)
    counted = [sql.SQL("{} is not null").format(_trimmed(name)) for name in gate.unique]
    if gate.among:
        column, values = gate.among
        counted.append(sql.SQL("upper({}) = any({})").format(_trimmed(column), sql.Literal(sorted(values))))
    source = sql.SQL("{} and {}").format(rows.source, sql.SQL(" and ").join(counted))
    repeated = rows.select(
        sql.SQL(
            "select key, count(*) over () from (select array[{}] as key, min(_row_number) as line from {}"
            " group by 1 having count(*) > 1) as keys order by line limit {}"
        ).format(keys, source, sql.Literal(_SHOWN))
    )
    if not repeated:
        return
    lines = [(key, _lines_of(rows, keys, source, key)) for key, _ in repeated]
    shown = "; ".join(f"{' '.join(key)} on lines {_listed(found)}" for key, found in lines)
    many = repeated[0][1]
    what = " + ".join(gate.unique)
    among = f" among records with {gate.among[0]} {', '.join(sorted(gate.among[1]))}" if gate.among else ""
    more = f"; and {many - len(lines)} more" if many > len(lines) else ""
    raise ExchangeError(
        f"{many} {what} {'is' if many == 1 else 'are'} in the file more than once{among}: {shown}{more}",
        place=Place(line=lines[0][1][1], column=gate.unique[0]),
        expected=f"one record per {what}",
        got=" ".join(lines[0][0]),
        remedy=f"Find out which record is right and remove the others, or get the file again. {_OLD_STAYS}",
    )


def _lines_of(rows: _Rows, keys: sql.Composable, source: sql.Composable, key: list[str]) -> list[int]:
    query = sql.SQL("select _row_number from {} and array[{}] = {}::text[] order by 1 limit 4").format(
        source, keys, sql.Literal(key)
    )
    return [line for (line,) in rows.select(query)]


def _listed(lines: list[int]) -> str:
    shown = [str(line) for line in lines[:3]] + (["…"] if len(lines) > 3 else [])
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _trimmed(column: str) -> sql.Composed:
    return sql.SQL("nullif(btrim({}), '')").format(sql.Identifier(column))
