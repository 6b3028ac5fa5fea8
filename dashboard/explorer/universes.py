"""Saved universes: a rule that is counted anew each time (dynamic), or a list of people (frozen).

What a saved one means never changes, so an address that names it, and a number kept under such an address, stay true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from urllib.parse import parse_qsl

from psycopg import sql

from dashboard.database import Database, Reader
from dashboard.explorer import conditions
from dashboard.explorer.domain import Domain
from dashboard.explorer.facet import Facet
from dashboard.explorer.facets import facets
from dashboard.explorer.filters import BadFilterError, Universe, parse, parse_number, parse_office
from dashboard.viewer import Viewer
from dashboard.vocabulary import Vocabulary

# parts of one question: a rule is one and those of what it is made of, written out each time it is named; a list is
# MB of ids, and so many choices are 25 kB
MOST_PARTS = 50
TOO_MANY_PARTS = (
    "This is made of too many saved universes, or too large ones. Leave some out, or save it as a fixed list first."
)
_PARTS_OF_A_LIST = 5
_CHOICES_OF_A_PART = 50

# facets whose choices are the partner's own values: those that are rare, or gone, have no code
_OPEN = ("candidate", "party")

FacetsOf = Callable[[str], Mapping[str, Facet]]


class NoSuchUniverseError(Exception):
    """There is no such saved universe, or it is somebody else's: nobody learns which."""


@dataclass(frozen=True)
class SavedUniverse:
    """One saved universe. filter: the canonical query string, which is how a frozen one came about.

    members: the persons of a frozen one, in the partner's own ids, as Postgres writes an array; None: a dynamic one,
    or not read. person_count, as_of: when it was saved.
    """

    universe_id: int
    name: str
    kind: str
    filter: str
    person_count: int | None
    as_of: datetime | None
    created_at: datetime
    created_by: str | None
    members: str | None = None

    @property
    def is_frozen(self) -> bool:
        return self.kind == "frozen"

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.filter)

    @property
    def names(self) -> tuple[int, ...]:
        """Numbers of the saved universes that it is made of, one that it names twice twice: it is written out twice.

        A list is made of its people.
        """
        if self.is_frozen:
            return ()
        return tuple(int(value) for name, value in self.pairs if name in ("in", "not"))

    @property
    def opened(self) -> Universe:
        """Its people, for the page of voters: of those who voted, with the choice that it was saved with."""
        asked = dict(self.pairs)
        ballot = ("any",) if "ballot" in asked else ()
        return Universe(asked["office"]).with_only(**{"in": str(self.universe_id), "ballot": ballot})


async def load(database: Database, viewer: Viewer, values: set[str]) -> dict[int, SavedUniverse]:
    """The saved universes of these numbers, as an address has them, and all that they are made of.

    Raises BadFilterError for what is no number, and for too many; NoSuchUniverseError for what is not the viewer's
    partner's.
    """
    # a form without a choice sends an empty one
    numbers = set(map(parse_number, values - {""}))
    async with database.as_keeper() as keeper:
        found = reach(await list_saved(keeper, viewer), numbers)
        if count_parts(found, numbers) > MOST_PARTS:
            raise BadFilterError(TOO_MANY_PARTS)
        return await _with_members(keeper, found)


def reach(every: Iterable[SavedUniverse], numbers: Set[int]) -> dict[int, SavedUniverse]:
    """Those of these numbers, and all that they are made of. Raises NoSuchUniverseError."""
    there = {one.universe_id: one for one in every}
    found: dict[int, SavedUniverse] = {}
    missing = set(numbers)
    while missing:
        if missing - there.keys():
            raise NoSuchUniverseError(sorted(missing - there.keys()))
        found |= {number: there[number] for number in missing}
        missing = {number for one in found.values() for number in one.names} - found.keys()
    return found


def count_parts(found: Mapping[int, SavedUniverse], numbers: Iterable[int]) -> int:
    """What a question that names these numbers is made of. found: them, and all that they are made of."""
    parts: dict[int, int] = {}
    # one can only be made of those that were there before it
    for number in sorted(found):
        one = found[number]
        named = sum(parts[named] for named in one.names)
        parts[number] = _PARTS_OF_A_LIST if one.is_frozen else parts_of_a_rule(one.pairs) + named
    return sum(parts[number] for number in numbers)


def parts_of_a_rule(pairs: Sequence[tuple[str, str]]) -> int:
    """Without what it is made of."""
    return 1 + len(pairs) // _CHOICES_OF_A_PART


async def _with_members(keeper: Reader, found: Mapping[int, SavedUniverse]) -> dict[int, SavedUniverse]:
    """The same, lists with their people. Raises NoSuchUniverseError for one that was deleted this moment."""
    lists = [number for number, one in found.items() if one.is_frozen]
    rows = await keeper.rows(
        "select universe_id, person_ids::text as members from dashboard.universe where universe_id = any(%s)", [lists]
    )
    members = {row["universe_id"]: row["members"] for row in rows}
    if len(members) < len(lists):
        raise NoSuchUniverseError(lists)
    return {number: replace(one, members=members.get(number)) for number, one in found.items()}


async def list_saved(keeper: Reader, viewer: Viewer) -> list[SavedUniverse]:
    """All of the viewer's partner, the newest first, without the people of lists."""
    rows = await keeper.rows(
        """
        select
            universe_id,
            name,
            kind,
            filter,
            person_count,
            as_of,
            universe.created_at,
            user_account.email as created_by
        from dashboard.universe
        left join accounts.user_account on universe.created_by = user_account.user_id
        where universe.partner_id = %s
        order by universe_id desc
        """,
        [viewer.partner_id],
    )
    return [SavedUniverse(**row) for row in rows]


def facets_by_office(domain: Domain, words: Vocabulary, today: date) -> FacetsOf:
    """The facets of each office, made once."""
    return cache(lambda office: facets(office, domain, words, today))


def stored(pairs: Sequence[tuple[str, str]], facets_of: FacetsOf) -> Universe:
    """The universe of a filter that was kept, also with choices that are no longer there: a candidate of whom no row
    is left.
    """
    return _stored(pairs, facets_of)[0]


def _stored(pairs: Sequence[tuple[str, str]], facets_of: FacetsOf) -> tuple[Universe, dict[str, set[str]]]:
    """The universe, and the choices in it that no facet of today has."""
    office = parse_office(dict(pairs)["office"])
    found = facets_of(office)
    gone: dict[str, set[str]] = {}
    for name, value in pairs:
        if name in found and value not in found[name].codes and (name, value) != ("ballot", "any"):
            gone.setdefault(name, set()).add(value)
    # what is both in and not in the same one was saved once, and is refused today
    outside = {value for name, value in pairs if name == "not"}
    known = [(name, value) for name, value in pairs if value not in gone.get(name, ()) and name != "not"]
    universe = parse(known, found, office).with_only(**{"not": outside})
    return universe.with_only(**{name: {*universe.of(name), *values} for name, values in gone.items()}), gone


def conditions_of(saved: Mapping[int, SavedUniverse], facets_of: FacetsOf) -> dict[int, sql.Composable]:
    """Who is in each of them, as a condition over the view `explorer`. saved: with all that they are made of.

    A choice that is no longer there is nobody's: were it passed over, a rule would grow to everybody.
    """
    done: dict[int, sql.Composable] = {}
    # one can only be made of those that were there before it
    for number in sorted(saved):
        one = saved[number]
        if one.is_frozen:
            assert one.members is not None, "the list was read without its people"
            done[number] = sql.SQL("person_id = any({}::text[])").format(sql.Literal(one.members))
        else:
            done[number] = _rule(*_stored(one.pairs, facets_of), facets_of, done)
    return done


def _rule(
    universe: Universe, gone: Mapping[str, set[str]], facets_of: FacetsOf, saved: Mapping[int, sql.Composable]
) -> sql.Composable:
    found = facets_of(universe.office)
    # no values for a facet would mean all: so each that lost one has a part of its own
    parts = [conditions.condition(universe.with_only(**dict.fromkeys(gone, "")), found, saved)]
    for name, lost in gone.items():
        kept = frozenset(universe.of(name)) - lost
        passing: list[sql.Composable] = [found[name].condition(kept)] if kept else []
        if name in _OPEN:
            column = found[name].column
            assert column is not None, "its choices are values of a column"
            passing.append(sql.SQL("{} = any({}::text[])").format(column.identifier, sql.Literal(sorted(lost))))
        parts.append(conditions.any_of(passing) if passing else sql.SQL("false"))
    return conditions.all_of(parts)
