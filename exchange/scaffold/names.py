"""Names that dbt, Postgres and the registry accept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from exchange.errors import ExchangeError

LONGEST = 63
# columns that macros/delivered_lines.sql adds to those of the file
ADDED_COLUMNS = frozenset(
    {
        "feed_id", "partner_id", "file_format", "timezone", "feed_state", "person_namespace", "person_scope",
        "person_scope_kind",
    }
)  # fmt: skip


def checked(name: str, what: str) -> str:
    """The name, if a relation may have it. Raises ExchangeError otherwise."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ExchangeError(
            f"This cannot be the name of a {what}.",
            expected=f"a lower-case letter, then letters, digits and _ (at most {LONGEST})",
            got=name,
        )
    return name


def column_names(headers: Iterable[str], taken: Collection[str] = ADDED_COLUMNS) -> list[str]:
    """One column name per header: contact[firstName] -> contact_first_name. All differ, and none needs quotes."""
    names: list[str] = []
    for number, header in enumerate(headers, start=1):
        words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", header)
        name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_") or f"column_{number}"
        if not name[0].isalpha() or name in taken:
            name = f"delivered_{name}"
        name = base = name[: LONGEST - 4]
        repeated = 1
        while name in names:
            repeated += 1
            name = f"{base}_{repeated}"
        names.append(name)
    return names
