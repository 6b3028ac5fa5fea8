"""Which given names stand for each other: nicknames.csv, as a table in the workbench."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

import duckdb


@cache
def formal_names() -> dict[str, tuple[str, ...]]:
    """Nickname -> the formal names it stands for. Grain of the file: one formal name with its nicknames."""
    found: dict[str, set[str]] = {}
    text = resources.files("exchange.matching").joinpath("nicknames.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        for nickname in row["nicknames"].split():
            found.setdefault(nickname, set()).add(row["name"])
    return {nickname: tuple(sorted(names)) for nickname, names in sorted(found.items())}


def create_forms_table(con: duckdb.DuckDBPyConnection) -> None:
    """Temp table matching_name_forms. Grain: one nickname; forms: itself and the formal names it stands for, sorted."""
    names = formal_names()
    forms = [sorted({nickname, *formal}) for nickname, formal in names.items()]
    con.execute(
        "create or replace temp table matching_name_forms as"
        " select unnest(?::text[]) as name, unnest(?::text[][]) as forms",
        [list(names), forms],
    )
