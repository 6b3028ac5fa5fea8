"""A universe: which voters somebody looks at, as the address of the page says it.

The address is the whole state, so a universe can be sent, kept as a bookmark, saved and come back to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from dashboard.explorer.facet import Facet
from dashboard.explorer.facets import BALLOTS, VOTED
from dashboard.vocabulary import OFFICES

# counted anew when they change, and what the counts of facets are of: where, since when, and which saved universes
SCOPE = ("state", "county", "cd", "sd", "hd", "since", "not_since", "by", "spent", "in", "not")
NOT_VOTED = frozenset(BALLOTS) - frozenset(VOTED)
CONTACTED_BY = ("anyone", "us", "others")
SPENT = ("answered", "voted")
# about 200 kB of condition; nobody chooses so many by hand
MOST_VALUES = 400
_PLACES = {
    "state": re.compile(r"[A-Z]{2}"),
    "county": re.compile(r"\d{5}"),
    **dict.fromkeys(("cd", "sd", "hd"), re.compile(r"[A-Z]{2}-[A-Za-z0-9_.~-]{1,20}")),
}


class BadFilterError(ValueError):
    """The address asks for something that is no filter; in words for the person who opened it."""


@dataclass(frozen=True)
class Universe:
    """Filters in force. values: parameter -> chosen values, sorted; a parameter without values is not there.

    Choices of one parameter add up (any of them), parameters narrow (all of them).
    """

    office: str
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def of(self, name: str) -> tuple[str, ...]:
        """The values of a parameter, as the address has them."""
        return dict(self.values).get(name, ())

    def chosen(self, facet: str) -> frozenset[str]:
        """The choices of a facet that pass; empty: all. Who has voted passes only when somebody asks."""
        values = frozenset(self.of(facet))
        if facet != "ballot":
            return values
        return frozenset() if values == {"any"} else values or NOT_VOTED

    @property
    def universes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Numbers of the saved universes that people must be in, and of those they must not be in."""
        return tuple(map(int, self.of("in"))), tuple(map(int, self.of("not")))

    @property
    def scope(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What facets are counted within."""
        return tuple((name, values) for name, values in self.values if name in SCOPE)

    def with_only(self, **changes: str | Iterable[str]) -> Universe:
        """The same with these parameters replaced; an empty value takes one away."""
        values = {name: set(chosen) for name, chosen in self.values}
        office = self.office
        for name, change in changes.items():
            given = {change} if isinstance(change, str) else set(change)
            if name == "office":
                office = next(iter(given))
            else:
                values[name] = given - {""}
        return _universe(office, values)

    def toggled(self, name: str, value: str) -> Universe:
        """The same with one choice more, or less if it was there."""
        return self.with_only(**{name: set(self.chosen(name) if name == "ballot" else self.of(name)) ^ {value}})

    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of the address, in its canonical order."""
        return [("office", self.office), *((name, value) for name, values in self.values for value in values)]

    def query(self, **further: str) -> str:
        """The canonical query string: equal universes have equal ones. further: of the page (sort, after)."""
        return urlencode([*self.pairs(), *((name, value) for name, value in further.items() if value)])

    def url(self, **further: str) -> str:
        return f"/voters?{self.query(**further)}"


def parse(pairs: Iterable[tuple[str, str]], facets_of: Mapping[str, Facet], office: str) -> Universe:
    """The universe of an address. office: the one it asks for, or the partner's first.

    facets_of: the facets of that office. Raises BadFilterError for a parameter, code or date that is none.
    """
    values: dict[str, set[str]] = {}
    for name, value in pairs:
        if name != "office" and value:
            _check(name, value, facets_of)
            values.setdefault(name, set()).add(value)
    if sum(map(len, values.values())) > MOST_VALUES:
        raise BadFilterError(f"An address may hold {MOST_VALUES} choices.")
    for name in ("since", "not_since", "by"):
        if len(values.get(name, ())) > 1:
            raise BadFilterError(f"Only one “{name}” can be in force.")
    if values.get("in", set()) & values.get("not", set()):
        raise BadFilterError(
            "Nobody is in a saved universe and outside of it at once: choose “in” or “not in” for each, not both."
        )
    return _universe(office, values)


def parse_office(value: str) -> str:
    if value not in OFFICES:
        raise BadFilterError(f"There is no office “{value[:40]}”.")
    return value


def parse_number(value: str) -> int:
    """The number of a saved universe, as an address has it."""
    # what fits into a bigint
    if not re.fullmatch(r"[1-9]\d{0,17}", value, re.ASCII):
        raise BadFilterError(f"“{value[:40]}” is no number of a saved universe.")
    return int(value)


def _universe(office: str, values: Mapping[str, set[str]]) -> Universe:
    kept = {name: set(chosen) for name, chosen in values.items() if chosen}
    ballot = kept.get("ballot", set())
    if "any" in ballot or ballot == set(BALLOTS):
        kept["ballot"] = {"any"}
    elif ballot == NOT_VOTED:
        del kept["ballot"]
    if not kept.keys() & {"since", "not_since"} or kept.get("by") == {"anyone"}:
        kept.pop("by", None)
    return Universe(office, tuple((name, tuple(sorted(kept[name]))) for name in sorted(kept)))


def _check(name: str, value: str, facets_of: Mapping[str, Facet]) -> None:
    shown = f"“{value[:40]}”"
    if name in facets_of:
        if value not in facets_of[name].codes and (name, value) != ("ballot", "any"):
            raise BadFilterError(f"{facets_of[name].label} has no choice {shown}.")
    elif name in _PLACES:
        if not _PLACES[name].fullmatch(value):
            raise BadFilterError(f"{shown} is no place: a state is PA, a county 42101, a district PA-3.")
    elif name in ("since", "not_since"):
        _day(value)
    elif name in ("in", "not"):
        parse_number(value)
    elif (name, value) not in {*(("by", who) for who in CONTACTED_BY), *(("spent", what) for what in SPENT)}:
        raise BadFilterError(f"There is no filter “{name[:40]}” with {shown}.")


def _day(value: str) -> date:
    try:
        day = date.fromisoformat(value) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else None
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2100:
        raise BadFilterError(f"“{value[:40]}” is no day: write it as 2026-10-01.")
    return day
