"""What every count of these pages needs: who asks, what rows are grouped by, and the cache."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from psycopg import sql

from dashboard.cache import Cache, keep
from dashboard.database import Reader
from dashboard.explorer.domain import Domain
from dashboard.explorer.facet import Facet
from dashboard.explorer.facets import facets
from dashboard.explorer.filters import NOT_VOTED
from dashboard.viewer import Viewer
from dashboard.vocabulary import OFFICES, Vocabulary

Value = TypeVar("Value")

# reach, channel, last contact and ballot are the same whatever a partner's rows hold
_ANY_DOMAIN = Domain(voters=0, answers={}, candidates={}, parties=(), places={}, county_states={}, has_names=False)


@dataclass(frozen=True)
class Figures:
    """One request's way to numbers, within its transaction as the partner."""

    viewer: Viewer
    reader: Reader
    cache: Cache
    words: Vocabulary

    @property
    def facets(self) -> dict[str, Facet]:
        """As Voters has them: a number here and the list that it leads to are of the same people."""
        return facets(next(iter(OFFICES)), _ANY_DOMAIN, self.words, self.reader.version.as_of.date())

    @property
    def has_not_voted(self) -> sql.Composable:
        """True for the people whom Voters shows unless somebody asks for more."""
        return self.facets["ballot"].condition(NOT_VOTED)

    async def keep(self, name: tuple[Hashable, ...], make: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        return await keep(self.cache, self.viewer, self.reader, ("figures", *name), make)


def voters(**filters: str | tuple[str, ...]) -> str:
    """The address of the people who pass these filters."""
    given = {name: value for name, value in filters.items() if value}
    return f"/voters?{urlencode(given, doseq=True)}" if given else "/voters"
