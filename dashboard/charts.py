"""Geometry of the charts: numbers in, places along a bar or a line out. Pure; the templates draw.

The content security policy forbids inline styles, so a bar's length is an SVG attribute that comes from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HEAT_STEPS = 5
# under this a bar would vanish, and something would look like nothing (per cent of the whole length)
SHORTEST = 0.6


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar, in per cent of its length. is_first: no gap is drawn before it."""

    start: float
    width: float
    is_first: bool


@dataclass(frozen=True)
class Freshness:
    """Where the dot and the target's tick stand, in per cent of the line; state is on_time, late or none."""

    dot: float
    tick: float
    state: str


def length(value: float | None, greatest: float | None) -> float:
    """Per cent of a bar whose whole length is the greatest value; more than nothing is always visible."""
    if not value or not greatest or value < 0:
        return 0.0
    return round(max(min(100 * value / greatest, 100.0), SHORTEST), 2)


def _of(item: Any, key: str) -> Any:
    """A key of a mapping or an attribute of an object; None without it."""
    return item.get(key) if isinstance(item, Mapping) else getattr(item, key, None)


def greatest(items: Sequence[Any], key: str = "value") -> float:
    """The longest bar: of those that were asked. "Not asked" (is_unasked) would flatten every other bar."""
    return max((_of(item, key) or 0 for item in items if not _of(item, "is_unasked")), default=0)


def segments(values: Sequence[float | None]) -> list[Segment]:
    """Grain: one per value, in their order; together they end at exactly 100 (or are all empty)."""
    total = sum(value or 0 for value in values)
    placed: list[Segment] = []
    reached = 0.0
    for value in values:
        before = reached
        reached += value or 0
        start = 100 * before / total if total else 0.0
        end = 100 * reached / total if total else 0.0
        placed.append(Segment(round(start, 3), round(end, 3) - round(start, 3), before == 0))
    return placed


def heat_step(value: float | None, greatest: float | None) -> int:
    """0 (nothing) to 5 (the greatest): equal steps of the greatest value."""
    if not value or not greatest or value < 0:
        return 0
    share = min(value / greatest, 1.0)
    return min(int(share * HEAT_STEPS) + 1, HEAT_STEPS)


def heat_greatest(rows: Sequence[Any], columns: Sequence[Any]) -> float:
    """The greatest cell of a cross-tab outside its "not asked" row and column."""
    asked = [index for index, column in enumerate(columns) if not _of(column, "is_unasked")]
    return max(
        (_of(_of(row, "cells")[index], "value") or 0 for row in rows if not _of(row, "is_unasked") for index in asked),
        default=0,
    )


def quarter(share: float | None) -> int:
    """Step of a tile: 0 unknown, 1 under a quarter, 2 under a half, 3 under three quarters, 4 the rest."""
    if share is None:
        return 0
    return min(int(max(share, 0.0) * 4) + 1, 4)


def line(values: Sequence[float | None], width: float, height: float, margin: float = 2.0) -> list[str]:
    """Grain: one `points` attribute per unbroken run of values; a day without a value breaks the line.

    The lowest value is at the bottom, the highest at the top; a flat line runs through the middle.
    """
    known = [value for value in values if value is not None]
    if not known:
        return []
    low, high = min(known), max(known)
    step = (width - 2 * margin) / max(len(values) - 1, 1)
    runs: list[list[str]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        above = (value - low) / (high - low) if high > low else 0.5
        runs[-1].append(f"{margin + index * step:.1f},{height - margin - above * (height - 2 * margin):.1f}")
    return [" ".join(run) for run in runs if run]


def dots(values: Sequence[float | None], width: float, height: float, margin: float = 2.0) -> list[tuple[str, str]]:
    """Points drawn as dots: days alone between two gaps, which no line shows, and at the end the newest day."""
    runs = [run.split(" ") for run in line(values, width, height, margin)]
    marked = [run[0] for run in runs[:-1] if len(run) == 1] + [run[-1] for run in runs[-1:]]
    return [(x, y) for x, _, y in (point.partition(",") for point in marked)]


def age(hours: float) -> str:
    """5 h; from two days on 3 d."""
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} d"


def freshness(actual: float | None, target: float | None) -> Freshness:
    """The line is twice the target long (the target's tick in the middle); what is later stands at its end."""
    if actual is None or not target:
        return Freshness(0.0, 50.0, "none")
    # kept off both ends, so that the dot is whole
    dot = min(max(50 * actual / target, 4.0), 96.0)
    return Freshness(round(dot, 1), 50.0, "late" if actual > target else "on_time")
