"""Holds a running exchange against the oracle: every partner, every person-level view, by the partner's own login."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tests.oracle import Delivery, differences, report, viewers, views_of, world_at

from .matches import matches_of
from .running import RunningExchange

COMPARED_VIEWS = (
    "voter_responses",
    "contacts",
    "voters",
    "explorer",
    "suppressions",
    "my_statement",
    "coverage_summary",
)


def disagreements(exchange: RunningExchange, deliveries: list[Delivery], as_of: datetime) -> str:
    """Every difference in words; empty when product and oracle agree. `deliveries`: all loaded so far.

    `as_of` is the first refresh of its day: coverage is counted in that.
    """
    world = world_at(exchange.registry, deliveries, as_of, matches=matches_of(exchange))
    told = []
    for partner_id in viewers(world):
        expected = views_of(partner_id, world)
        actual = exchange.views(partner_id, COMPARED_VIEWS)
        if world.registry.partners[partner_id].id_namespace == "exchange":
            numbers = exchange.voter_numbers()
            for rows in actual.values():
                for row in rows:
                    if "person_id" not in row:
                        continue
                    row["person_id"] = numbers.get(row["person_id"], row["person_id"])
        lacking = {"voter_responses", "contacts", "voters", "explorer"} - set(actual)
        if lacking:
            told.append(f"{partner_id} has no view {sorted(lacking)}")
        else:
            told.append(report(differences(partner_id, expected, actual)))
    return "\n".join(text for text in told if text)


def folders(root: Path) -> tuple[Path, Path]:
    """Home and registry folder of an exchange under test."""
    return root / "home", root / "registry"
