"""The partner's data dictionary: its views and their columns, in the order in which the views have them."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.figures.kept import Figures


@dataclass(frozen=True)
class Column:
    name: str
    data_type: str
    meaning: str
    codes: str | None


@dataclass(frozen=True)
class View:
    name: str
    meaning: str
    columns: tuple[Column, ...]


async def read_dictionary(figures: Figures) -> tuple[View, ...]:
    return await figures.keep(("dictionary",), lambda: _read(figures))


async def _read(figures: Figures) -> tuple[View, ...]:
    rows = await figures.reader.rows(
        """
        select view_name, column_name, data_type, meaning, codes
        from data_dictionary
        left join pg_attribute
            on attrelid = to_regclass(quote_ident(view_name)) and attname = column_name
        order by view_name, attnum nulls first, column_name
        """
    )
    columns: dict[str, list[Column]] = {}
    meanings: dict[str, str] = {}
    for row in rows:
        found = columns.setdefault(row["view_name"], [])
        if row["column_name"] is None:
            meanings[row["view_name"]] = row["meaning"]
        else:
            found.append(Column(row["column_name"], row["data_type"], row["meaning"], row["codes"]))
    return tuple(View(name, meanings.get(name, ""), tuple(found)) for name, found in columns.items())
