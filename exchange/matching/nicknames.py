"""Which given names stand for each other: nicknames.csv and given_names.csv, as a table in the workbench."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

import duckdb


@cache
def formal_names() -> dict[str, tuple[str, ...]]:
    """Nickname or spelling -> the names it stands for. Grain of the file: one formal name with its nicknames."""
    found: dict[str, set[str]] = {}
    text = resources.files("exchange.matching").joinpath("nicknames.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        for nickname in row["nicknames"].split():
            found.setdefault(nickname, set()).add(row["name"])
    for name, spellings in given_names().items():
        if spellings:
            found.setdefault(name, set()).update(spellings)
    return {nickname: tuple(sorted(names)) for nickname, names in sorted(found.items())}


@cache
def given_names() -> dict[str, tuple[str, ...]]:
    """Common given name -> the names it is another spelling of: given_names.csv. Grain of the file: one name."""
    text = resources.files("exchange.matching").joinpath("given_names.csv").read_text(encoding="utf-8")
    return {row["name"]: tuple(row["spelling_of"].split()) for row in csv.DictReader(text.splitlines())}


def create_forms_table(con: duckdb.DuckDBPyConnection) -> None:
    """Temp table matching_name_forms. Grain: one name that has other forms or is a common given name.

    forms: itself and the formal names it stands for, sorted; is_known: it is a common given name.
    """
    formal = formal_names()
    names = sorted({*formal, *given_names()})
    forms = [sorted({name, *formal.get(name, ())}) for name in names]
    con.execute(
        "create or replace temp table matching_name_forms as"
        " select unnest(?::text[]) as name, unnest(?::text[][]) as forms,"
        " unnest(?::boolean[]) as is_known",
        [names, forms, [name in given_names() for name in names]],
    )
