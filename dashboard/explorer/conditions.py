"""A universe as a condition of SQL over the view `explorer`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from psycopg import sql

from dashboard.explorer.facet import Facet
from dashboard.explorer.facets import LAST_CONTACT
from dashboard.explorer.filters import Universe

EVERYBODY = sql.SQL("true")
# the county as its index has it: a tenth of the time of reading everybody
_PLACES = {"state": "state = any({}::text[])", "county": "coalesce(county_fips, '') = any({}::text[])"}
_DISTRICTS = {"cd": "congressional_no", "sd": "state_senate_no", "hd": "state_house_no"}
_LAST_BY = {"anyone": LAST_CONTACT, "us": "last_contact_us_on", "others": "last_contact_others_until"}
_SPENT = {"answered": "contacts_us_after_answer", "voted": "contacts_us_after_vote"}

# number of a saved universe -> who is in it
Saved = Mapping[int, sql.Composable]


def condition(universe: Universe, facets: Mapping[str, Facet], saved: Saved, without: str = "") -> sql.Composable:
    """True for the people of the universe. without: a parameter to leave out.

    saved: conditions of the universes that it names (dashboard/explorer/universes.py).
    """
    chosen = {name: universe.chosen(name) for name in facets if name != without}
    parts = [facets[name].condition(values) for name, values in chosen.items() if values]
    return all_of([*parts, scope(universe, saved, without)])


def scope(universe: Universe, saved: Saved, without: str = "") -> sql.Composable:
    """The part of the condition within which facets are counted."""
    parts: list[sql.Composable] = []
    for name, values in universe.scope:
        if name == without:
            continue
        if name in _PLACES:
            parts.append(sql.SQL(_PLACES[name]).format(sql.Literal(list(values))))
        elif name in _DISTRICTS:
            parts.append(_districts(_DISTRICTS[name], values))
        elif name in ("since", "not_since"):
            parts.append(_since(name, date.fromisoformat(values[0]), universe))
        elif name == "spent":
            parts.append(any_of([sql.SQL("{} > 0").format(sql.Identifier(_SPENT[value])) for value in values]))
        elif name == "in":
            parts += [saved[int(value)] for value in values]
        elif name == "not":
            parts += [sql.SQL("({}) is not true").format(saved[int(value)]) for value in values]
    return all_of(parts)


def all_of(parts: list[sql.Composable]) -> sql.Composable:
    needed = [part for part in parts if part != EVERYBODY]
    return sql.SQL(" and ").join(sql.SQL("({})").format(part) for part in needed) if needed else EVERYBODY


def any_of(parts: list[sql.Composable]) -> sql.Composable:
    return sql.SQL(" or ").join(sql.SQL("({})").format(part) for part in parts)


def _districts(column: str, values: tuple[str, ...]) -> sql.Composable:
    """Districts of different states have the same numbers."""
    by_state: dict[str, list[str]] = {}
    for value in values:
        state, _, number = value.partition("-")
        by_state.setdefault(state, []).append(number)
    return any_of(
        [
            sql.SQL("state = {} and {} = any({}::text[])").format(
                sql.Literal(state), sql.Identifier(column), sql.Literal(numbers)
            )
            for state, numbers in sorted(by_state.items())
        ]
    )


def _since(name: str, day: date, universe: Universe) -> sql.Composable:
    """Contacted since a day, or not: also people whom nobody contacted ever."""
    by = (universe.of("by") or ("anyone",))[0]
    contacted = sql.SQL("{} >= {}").format(sql.SQL(_LAST_BY[by]), sql.Literal(day))
    return contacted if name == "since" else sql.SQL("({}) is not true").format(contacted)
