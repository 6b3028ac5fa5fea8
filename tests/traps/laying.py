"""How a test lays its rows into the common exchange, and how the partners' views are read after every refresh."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from tests.warehouse_steps import BuiltExchange
from tests.worlds.running import RunningExchange

from .registry import CAMPAIGN_IDS, REGISTRY, VOTERS

# what is delivered "in October" comes with the second refresh
REFRESHES = {
    "august": datetime(2026, 8, 20, 12, tzinfo=UTC),
    "october": datetime(2026, 10, 20, 12, tzinfo=UTC),
}
VIEWS = ("voter_responses", "contacts", "voters", "suppressions", "changes", "my_quarantined_rows")
PARTNERS = ("ann", "bob", "cat", "eve")

Test = TypeVar("Test", bound=Callable[..., None])
Row = dict[str, Any]


@dataclass(frozen=True)
class Laid:
    feed: str
    refresh: str
    text: str
    encoding: str


def delivers(feed: str, text: str, refresh: str = "august", encoding: str = "utf-8") -> Callable[[Test], Test]:
    """Of a test: this file (header and rows, indented as you like) of this feed is there before that refresh."""
    lines = "".join(line.strip(" ") + "\n" for line in text.strip("\n ").splitlines())

    def lay(test: Test) -> Test:
        test.__dict__.setdefault("laid", []).append(Laid(feed, refresh, lines, encoding))
        return test

    return lay


@dataclass
class Seen:
    """What every partner saw after each refresh, read through its own login. `operator`: the exchange itself."""

    operator: RunningExchange
    views: dict[tuple[str, str, str], list[Row]] = field(default_factory=dict)

    def rows(self, partner: str, view: str, person: str, *, after: str = "october", state: str = "NC") -> list[Row]:
        """The partner's rows about a person: by the id that this partner knows the person by."""
        found = self.views[partner, view, after]
        return [row for row in found if row["person_id"] == person and row.get("state", state) == state]

    def row(self, partner: str, view: str, person: str, *, after: str = "october", state: str = "NC") -> Row:
        [row] = self.rows(partner, view, person, after=after, state=state)
        return row

    def answers(self, partner: str, person: str, *, after: str = "october", state: str = "NC") -> dict[str, int]:
        """Answer code per candidate, or question about the person."""
        rows = self.rows(partner, "voter_responses", person, after=after, state=state)
        return {row["candidate_id"] or row["question_code"]: row["answer_code"] for row in rows}

    def kinds(self, partner: str, person: str, *, after: str = "october", state: str = "NC") -> list[tuple[str, str]]:
        """(kind, scope) of the suppressions."""
        return sorted((row["kind"], row["scope"]) for row in self.rows(partner, "suppressions", person, after=after))

    def quarantined(self, partner: str, record_key: str) -> Row:
        rows = self.views[partner, "my_quarantined_rows", "october"]
        [row] = [row for row in rows if row["record_key"] == record_key]
        return row


@contextmanager
def seen_by_partners(module: ModuleType, folder: Path) -> Iterator[Seen]:
    """One exchange with the rows of all tests of a module, refreshed in August and in October."""
    home, registry = folder / "home", folder / "registry"
    write_registry(registry)
    locations = {feed["feed_id"]: feed["location"] for feed in csv.DictReader(io.StringIO(REGISTRY["feeds"]))}
    files = [(test.__name__, laid) for test in vars(module).values() for laid in getattr(test, "laid", [])]
    _check(files)
    with BuiltExchange(home, registry) as exchange:
        write_reference_files(exchange.inbox)
        seen = Seen(exchange)
        for refresh, as_of in REFRESHES.items():
            for number, (name, laid) in enumerate(files):
                if laid.refresh == refresh:
                    path = exchange.inbox / locations[laid.feed] / f"{refresh}_{name}_{number}.csv"
                    put(path, laid.text, laid.encoding)
            exchange.refresh(as_of)
            for partner in PARTNERS:
                for view, rows in exchange.views(partner, VIEWS).items():
                    seen.views[partner, view, refresh] = rows
        yield seen


def write_registry(folder: Path) -> None:
    for name, text in REGISTRY.items():
        put(folder / f"{name}.csv", text)


def write_reference_files(inbox: Path) -> None:
    """The exchange's own files: who is registered, and by which ids they are known."""
    put(inbox / "voters" / "0_all.csv", _voters())
    put(inbox / "ids" / "0_all.csv", _ids())


def put(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding=encoding)


def _check(files: list[tuple[str, Laid]]) -> None:
    """A record of one test that replaces another test's would make nonsense of both."""
    tests: dict[tuple[str, str], str] = {}
    for name, laid in files:
        for row in csv.DictReader(io.StringIO(laid.text)):
            key = laid.feed, row.get("record_id") or str(row)
            assert tests.setdefault(key, name) == name, f"{key} is in {tests[key]} and {name}"


def _voters() -> str:
    """A generic_voters file: everybody at an address of their own."""
    lines = ["state_voter_id,state,first_name,last_name,address,city,zip,county_fips,congressional_district,phone"]
    for number, row in enumerate(csv.DictReader(io.StringIO(VOTERS)), start=1):
        place = "Raleigh,27601,37183" if row["state"] == "NC" else "Burbank,91501,06037"
        names = f"{row['state_voter_id']},{row['state']},Pat,{row['last_name']},{number} Oak St,{place}"
        lines.append(f"{names},{row['congressional_district']},{row['phone']}")
    return "\n".join(lines) + "\n"


def _ids() -> str:
    lines = [CAMPAIGN_IDS]
    for row in csv.DictReader(io.StringIO(VOTERS)):
        voter = f"{row['state']},{row['state_voter_id']}"
        lines.append(f"{voter},vanid_voterfile,{row['state']},{row['vanid']}\n")
        if row["dwid"]:
            lines.append(f"{voter},dwid,,{row['dwid']}\n")
    return "".join(lines)
