"""Writes a whole demo exchange: registry, inbox and truth. Memory holds one block of voters or conversations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from exchange.demo.chance import Chance
from exchange.demo.conversations import Conversations
from exchange.demo.delivery import Delivery
from exchange.demo.generic_contacts import write_generic
from exchange.demo.identities import Identities
from exchange.demo.people import People
from exchange.demo.registry_files import DemoRegistry, make_registry, write_registry
from exchange.demo.spoke import write_spoke
from exchange.demo.streams import Stream
from exchange.demo.thrutext import write_thrutext
from exchange.demo.truth import NO_VISIBILITY_NOTE, README, VISIBILITY_NOTE, Truth
from exchange.demo.van_pipeline import write_van_pipeline
from exchange.demo.van_reports import write_van_reports
from exchange.demo.visibility import AS_OF, ROW_LIMIT, write_visibility
from exchange.demo.voter_files import ReferenceFiles
from exchange.demo.voters import CELL, Electorate
from exchange.errors import ExchangeError

DEFAULT_VOTERS, DEFAULT_CONTACTS, DEFAULT_PARTNERS, DEFAULT_SEED = 4_000, 12_000, 12, 2026
_WRITERS: dict[str, Callable[[Delivery], None]] = {
    "generic": write_generic,
    "spoke": write_spoke,
    "thrutext": write_thrutext,
    "van_pipeline": write_van_pipeline,
    "van_reports": write_van_reports,
}
# called with (what is being written, units done, units in all); a unit is a voter or a conversation
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """Sizes of a demo: voters, contact rows (about), partners; the seed decides everything else."""

    voters: int = DEFAULT_VOTERS
    contacts: int = DEFAULT_CONTACTS
    partners: int = DEFAULT_PARTNERS
    seed: int = DEFAULT_SEED


@dataclass(frozen=True, slots=True)
class Demo:
    """What was written: rows of each reference feed, and records of each contact feed by expected status."""

    reference_rows: dict[str, int]
    contact_records: dict[tuple[str, str], int]


def write_demo(options: DemoOptions, out: Path, progress: Progress = lambda what, done, total: None) -> Demo:
    """Write `out`/registry, `out`/inbox and `out`/truth. The same options give the same bytes, anywhere.

    Raises ExchangeError if the sizes do not fit each other.
    """
    _check(options)
    registry = make_registry(options.partners)
    write_registry(registry, out / "registry")
    chance = Chance(options.seed)
    people = People(Electorate(chance, options.voters))
    identities = Identities(people.electorate)
    talks = [
        Conversations(people, identities, stream, _talk_count(stream, registry, options.contacts))
        for stream in registry.streams
    ]
    total = options.voters + sum(found.count for found in talks)
    meter = _Meter(progress, total)
    with Truth(out / "truth") as truth:
        reference = ReferenceFiles(people, identities, out / "inbox", truth.folder)
        reference.write(meter.on("voter files"))
        for found in talks:
            synced = next((other for other in talks if other.stream.name == found.stream.synced_from), None)
            delivery = Delivery(found, out / "inbox", truth, meter.on(found.stream.name), synced)
            _WRITERS[found.stream.tool](delivery)
    _finish_truth(registry, truth)
    return Demo(reference.rows, truth.counts)


def _check(options: DemoOptions) -> None:
    if options.voters < 4 * CELL or options.voters > 50_000_000:
        raise ExchangeError(
            "A demo of this size cannot be made.", expected=f"{4 * CELL} to 50,000,000 voters", got=options.voters
        )
    if not 1 <= options.partners <= 5_000:
        raise ExchangeError("A demo of this size cannot be made.", expected="1 to 5,000 partners", got=options.partners)
    if not 100 <= options.contacts <= 100 * options.voters:
        raise ExchangeError(
            "So many contacts do not fit so few voters.",
            expected=f"100 to {100 * options.voters:,} contact rows for {options.voters:,} voters",
            got=options.contacts,
        )


def _talk_count(stream: Stream, registry: DemoRegistry, rows: int) -> int:
    weight = sum(found.weight for found in registry.streams)
    return round(rows * stream.weight / weight / stream.rows_per_talk)


def _finish_truth(registry: DemoRegistry, truth: Truth) -> None:
    if sum(truth.counts.values()) <= ROW_LIMIT:
        write_visibility(registry, truth.folder)
        note = VISIBILITY_NOTE.format(as_of=AS_OF.isoformat())
    else:
        note = NO_VISIBILITY_NOTE.format(limit=ROW_LIMIT)
    (truth.folder / "README.md").write_text(README + note, encoding="utf-8")


class _Meter:
    """Adds up what every part of the work has done."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def on(self, what: str) -> Callable[[int], None]:
        def advance(count: int) -> None:
            self._done += count
            self._progress(what, self._done, self._total)

        return advance
