"""What one person clicks on, one click after the other: choices at random, as people make them, by a seed."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

_NEXT = re.compile(r'href="/voters\?[^"]*?after=([A-Za-z0-9_-]+)')

# what a click changes: of a hundred clicks
ACTIONS = {
    "choice": 52,
    "next page": 13,
    "order": 6,
    "cross-tab": 7,
    "county": 6,
    "date": 2,
    "places": 3,
    "from the start": 4,
    "overview": 4,
    "coverage": 3,
}
CHOICES = {
    "support": ["1", "2", "3", "4", "5", "0"],
    "mail": ["1", "2", "3", "4", "0"],
    "postal": ["1", "2", "3", "0"],
    "turnout": ["1", "2", "3", "0"],
    "plan": ["1", "2", "3", "0"],
    "reach": ["us", "both", "others", "nobody"],
    "channel": ["door", "phone", "text"],
    "last": ["never", "7", "30", "90", "older"],
    "age": ["18-24", "25-34", "35-44", "65-74", "75-"],
    "party": ["DEM", "REP", "UNA"],
    "suppressed": ["no"],
    "ballot": ["none", "requested", "sent", "any"],
    "candidate": ["lopez"],
}
ORDERS = ["name", "-name", "person", "county", "age", "-age", "last", "-last"]
AXES = ["support", "mail", "postal", "reach", "age", "party", "turnout", "last"]
# a campaign asks since when it has been at the doors
DAYS = ("2026-09-01", "2026-10-01", "2026-10-08")


@dataclass
class Walk:
    """One person at the pages. counties: the largest first, which are asked for most."""

    counties: Sequence[str]
    seed: int
    chosen: dict[str, list[str]] = field(default_factory=dict)
    sort: str = ""
    axes: tuple[str, str] | None = None
    after: str = ""
    random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def step(self) -> tuple[str, str, bool]:
        """The next click: its kind, its path, and whether HTMX asks for the part that changes."""
        [kind] = self.random.choices(list(ACTIONS), list(ACTIONS.values()))
        if kind == "overview":
            return kind, "/", False
        if kind == "coverage":
            return kind, "/coverage", False
        if kind == "places":
            return kind, f"/voters/places/county?{self._query()}", True
        self._change(kind)
        return kind, f"/voters?{self._query()}", kind != "from the start"

    def read(self, html: str) -> None:
        """What the next click may follow."""
        found = _NEXT.search(html)
        self.after = found[1] if found else ""

    def _change(self, kind: str) -> None:
        if kind == "next page":
            # without one, the first page again
            self.chosen = dict(self.chosen)
            if self.after:
                self.chosen["after"] = [self.after]
            return
        self.chosen.pop("after", None)
        if kind == "choice":
            name = self.random.choice(list(CHOICES))
            self._toggle(name, self.random.choice(CHOICES[name]))
        elif kind == "order":
            self.sort = self.random.choice(ORDERS)
        elif kind == "cross-tab":
            rows, columns = self.random.sample(AXES, 2)
            self.axes = (rows, columns)
        elif kind == "county":
            place = int(len(self.counties) * self.random.random() ** 3)
            self.chosen["county"] = [] if self.chosen.get("county") else [self.counties[place]]
        elif kind == "date":
            self.chosen["not_since"] = [] if self.chosen.get("not_since") else [self.random.choice(DAYS)]
        else:
            self.chosen, self.sort, self.axes = {}, "", None

    def _toggle(self, name: str, value: str) -> None:
        values = self.chosen.get(name, [])
        self.chosen[name] = [one for one in values if one != value] if value in values else [*values, value]
        # nobody narrows without end
        if sum(map(bool, self.chosen.values())) > 5:
            self.chosen.pop(next(name for name, values in self.chosen.items() if values))

    def _query(self) -> str:
        pairs = [("office", "governor"), *((name, value) for name, values in self.chosen.items() for value in values)]
        if self.sort:
            pairs.append(("sort", self.sort))
        if self.axes:
            pairs += [("rows", self.axes[0]), ("cols", self.axes[1])]
        return urlencode(pairs)
