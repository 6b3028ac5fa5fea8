"""Standardise persons: the same SQL for voters and identities, a row's result depends on that row alone."""

from __future__ import annotations

from functools import cache
from importlib import resources

import duckdb

from exchange.matching.nicknames import create_forms_table

PERSON_COLUMNS: tuple[str, ...] = (
    "first_name", "middle_name", "last_name", "suffix", "birth_date", "address", "city", "zip", "phones", "emails",
)  # fmt: skip
RAW_COLUMNS: tuple[str, ...] = ("id", "state", *PERSON_COLUMNS)
# name -> DuckDB type. first_forms: the name and the formal names it is short for; first_is_known: it stands in
# given_names.csv; last_parts: the whole without blanks and its parts without particles; suffix: 1 = Sr, 2 = Jr or II,
# 3 = III …; birth_date: only a whole date that is no placeholder; street: number, name, kind; street_key: number and
# name alone.
STANDARD_COLUMNS: dict[str, str] = {
    "id": "bigint",
    "state": "text",
    "first_name": "text",
    "first_forms": "text[]",
    "first_is_known": "boolean",
    "middle_name": "text",
    "last_name": "text",
    "last_parts": "text[]",
    "suffix": "smallint",
    "birth_date": "text",
    "birth_year": "smallint",
    "street": "text",
    "street_key": "text",
    "unit": "text",
    "city": "text",
    "zip": "text",
    "phones": "text[]",
    "emails": "text[]",
}


def standardize(con: duckdb.DuckDBPyConnection, raw: str, into: str) -> None:
    """Create table `into` (STANDARD_COLUMNS) from `raw` (RAW_COLUMNS). Grain: one row per row of raw."""
    create_forms_table(con)
    con.execute(_sql("cleaning.sql"))
    typed = ", ".join("id" if name == "id" else f"{name}::text as {name}" for name in RAW_COLUMNS)
    con.execute(f"create or replace temp view raw_persons as select {typed} from {raw}")
    columns = ", ".join(f"{name}::{kind} as {name}" for name, kind in STANDARD_COLUMNS.items())
    con.execute(f"create or replace table {into} as select {columns} from ({_sql('standard.sql')})")
    con.execute("drop view raw_persons")


@cache
def _sql(name: str) -> str:
    return resources.files("exchange.matching").joinpath(name).read_text(encoding="utf-8")
