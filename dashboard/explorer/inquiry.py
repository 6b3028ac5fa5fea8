"""One request's question about a universe: everything that is needed to count it, list it or write it to a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Hashable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from psycopg import sql
from starlette.applications import Starlette
from starlette.requests import Request

from dashboard.cache import Cache, keep
from dashboard.database import Database, Reader
from dashboard.explorer import conditions, universes
from dashboard.explorer.cube import Counts, Cube, count, read_cube
from dashboard.explorer.domain import Domain, read_domain
from dashboard.explorer.facet import Facet
from dashboard.explorer.facets import facets
from dashboard.explorer.filters import Universe, parse, parse_office
from dashboard.viewer import Viewer
from dashboard.vocabulary import OFFICES, Vocabulary, vocabulary

Value = TypeVar("Value")


@dataclass(frozen=True)
class Inquiry:
    """A universe and all that its address means, within one transaction as the partner (reader)."""

    viewer: Viewer
    reader: Reader
    cache: Cache
    words: Vocabulary
    domain: Domain
    facets: Mapping[str, Facet]
    universe: Universe
    saved: Mapping[int, universes.SavedUniverse]

    @property
    def today(self) -> date:
        return self.reader.version.as_of.date()

    def condition(self, without: str = "") -> sql.Composable:
        """True for its people; without: a parameter to leave out."""
        return conditions.condition(self.universe, self.facets, self._saved_conditions(), without)

    async def cube(self) -> Cube:
        """Counts of its scope: made once for all who choose within it."""
        scope = conditions.scope(self.universe, self._saved_conditions())
        return await self.keep(
            ("cube", self.universe.office, self.universe.scope), lambda: read_cube(self.reader, self.facets, scope)
        )

    async def keep(self, key: tuple[Hashable, ...], make: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """What was made of the same rows under the same rules, or made now."""
        return await keep(self.cache, self.viewer, self.reader, key, make)

    async def counts(self) -> Counts:
        return count(await self.cube(), self.facets, self.universe)

    def _saved_conditions(self) -> Mapping[int, sql.Composable]:
        return universes.conditions_of(self.saved, lambda office: facets(office, self.domain, self.words, self.today))


@asynccontextmanager
async def inquiry(request: Request, pairs: Iterable[tuple[str, str]]) -> AsyncIterator[Inquiry]:
    """ask(), for whoever sent a request."""
    async with ask(request.app, request.state.viewer, pairs) as question:
        yield question


@asynccontextmanager
async def ask(
    app: Starlette, viewer: Viewer, pairs: Iterable[tuple[str, str]], *, is_patient: bool = False
) -> AsyncIterator[Inquiry]:
    """Ask about the universe of an address (its parameters, without those of the page).

    Raises BadFilterError for what is no filter, NoSuchUniverseError for a saved universe of somebody else.
    """
    database: Database = app.state.database
    cache: Cache = app.state.cache
    pairs = list(pairs)
    words = await vocabulary(app)
    named = {value for name, value in pairs if name in ("in", "not")}
    saved = await universes.load(database, viewer, named) if named else {}
    async with database.as_partner(viewer, is_patient=is_patient) as reader:
        domain = await keep(cache, viewer, reader, ("domain",), lambda: read_domain(reader, tuple(OFFICES)))
        asked = [value for name, value in pairs if name == "office" and value]
        office = parse_office(asked[0]) if asked else domain.first_office
        found = facets(office, domain, words, reader.version.as_of.date())
        universe = parse(pairs, found, office)
        yield Inquiry(viewer, reader, cache, words, domain, found, universe, saved)
