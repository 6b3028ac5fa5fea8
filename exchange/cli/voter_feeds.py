"""Which feed of the exchange takes a state's file: by the file's contents, then by its name."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from exchange.errors import ExchangeError, Place
from exchange.intake.formats import load_formats
from exchange.intake.recognition import fitting_formats
from exchange.registry import Feed, Registry

EXCHANGE = "exchange"
# of these a later file replaces lines of earlier ones; what it does not hold stays
_DELTA = ("nc_voter_history", "nc_absentee", "generic_ballots")


class NoFeedError(ExchangeError):
    """No feed takes the file; `feeds_line` is the very line that feeds.csv lacks."""

    def __init__(self, problem: str, *, feeds_line: str, **told: Any) -> None:
        super().__init__(problem, **told)
        self.feeds_line = feeds_line


def known_state(registry: Registry, state: str) -> str:
    """The state in capitals. Raises ExchangeError if there is none."""
    known = [row.state for row in registry.us_states]
    if state.upper() not in known:
        raise ExchangeError("There is no such state.", expected=f"one of {', '.join(known)}", got=state)
    return state.upper()


def chosen_feed(registry: Registry, state: str, path: Path, feed_id: str | None) -> Feed | ExchangeError:
    """The feed that takes the file, or why none does."""
    try:
        with path.open("rb"):
            pass
        feeds = [feed for feed in registry.feeds if feed.partner_id == EXCHANGE and feed.state == state]
        if feed_id is not None:
            return _named(registry, feeds, feed_id, state)
        formats = load_formats()
        ours = [formats[name] for name in dict.fromkeys(feed.file_format for feed in feeds) if name in formats]
        possible = [*ours, *(one for one in formats.values() if one.state == state and one not in ours)]
        # a state whose own format we do not know may come in the generic one
        possible = possible or [formats["generic_voters"]]
        fitting, reasons = fitting_formats(path, possible)
    except OSError as error:
        return ExchangeError(
            f"the file cannot be read: {error.strerror or error}",
            place=Place(file=str(path)),
            remedy="Check the path and its permissions.",
        )
    if not fitting:
        told = "; ".join(f"{name}: {error.problem}" for name, error in reasons.items())
        return ExchangeError(
            f"the file fits no format of {state}: {told}",
            place=Place(file=str(path)),
            expected=f"one of {', '.join(reasons)}",
            remedy="docs/voter-files.md says what each state's files look like.",
        )
    taking = [feed for feed in feeds if feed.file_format in {one.name for one in fitting}]
    if len(taking) > 1:
        taking = [feed for feed in taking if fnmatch(path.name, Path(feed.file_pattern).name)] or taking
    if len(taking) == 1:
        return taking[0]
    if not taking:
        return _no_feed(registry, state, path, fitting[0].name)
    return ExchangeError(
        "the file fits several feeds",
        place=Place(file=str(path)),
        got=", ".join(feed.feed_id for feed in taking),
        remedy="Say which with --feed, or give the file the name the state gave it.",
    )


def _named(registry: Registry, feeds: Sequence[Feed], feed_id: str, state: str) -> Feed:
    feed = registry.feed(feed_id)
    if feed not in feeds:
        raise ExchangeError(
            f"The feed is none of the exchange's own for {state}.",
            place=Place(feed=feed_id),
            expected=", ".join(one.feed_id for one in feeds) or f"a feed of the partner exchange with state {state}",
        )
    return feed


def _no_feed(registry: Registry, state: str, path: Path, file_format: str) -> NoFeedError:
    coverage = "delta" if file_format in _DELTA else "snapshot"
    feed_id = f"exchange_{file_format}" if file_format.startswith(state.lower()) else f"exchange_voters_{state.lower()}"
    line = f"{feed_id},{EXCHANGE},{file_format},exchange/{feed_id},*,{coverage},,state_voter_id,{state},{state},,1,0.05"
    return NoFeedError(
        f"the registry has no feed of the partner exchange for {file_format} files of {state}",
        feeds_line=line,
        place=Place(file=str(path)),
        remedy=f"Add this line to {registry.path / 'feeds.csv'}:",
    )
