"""What the steps of matching tell about themselves. Plain values: Dagster, the command line and tests read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class VoterSync:
    """How the spine moved since the last time. Grain of every count: one voter, but `due`: one identity.

    changed: delivered differently; of these `moved` also differ after standardising, so pairs may score differently.
    due: identities whose stored score may no longer hold because of it.
    """

    new: int
    changed: int
    moved: int
    removed: int
    unchanged: int
    due: int
    states: dict[str, int]


@dataclass(frozen=True)
class IdentitySync:
    """How the identities moved since the last time. `due`: identities to score in the next run, whatever the cause."""

    new: int
    changed: int
    removed: int
    unchanged: int
    due: int


@dataclass(frozen=True)
class ModelStatus:
    """The model that the next run scores with. is_new: trained just now; reason: why it was trained."""

    version: int
    is_new: bool
    reason: str
    labels: int
    seed: int
    spine: dict[str, int]


@dataclass(frozen=True)
class RulePrecision:
    """One rule on identities whose voter is known by a checked id: how often it hits, how often it hits that voter."""

    hits: int
    right: int

    @property
    def precision(self) -> float | None:
        return self.right / self.hits if self.hits else None


@dataclass(frozen=True)
class MatchRun:
    """One run of matching. Grain of every count: one identity.

    scored: scored again in this run; changed: rows of matching.matches written; moved: those whose voter differs;
    counts: status -> method -> identities, over all. calibration: Calibration.to_dict(), with curve and histogram.
    stale_reviews: decisions of people that do not apply because their voter has left the file.
    """

    run_id: int
    model_version: int
    is_full: bool
    scored: int
    changed: int
    moved: int
    counts: dict[str, dict[str, int]]
    threshold: float
    estimated_precision: float | None
    in_spine_share: float | None
    calibration: dict[str, Any]
    rule_precisions: dict[str, RulePrecision] = field(default_factory=dict)
    stale_reviews: int = 0


@dataclass(frozen=True)
class Export:
    """A written review queue. Grain: `identities` people waiting, `rows` lines (one per identity and candidate)."""

    identities: int
    rows: int
    waiting: int
    stale: tuple[str, ...] = ()


@dataclass(frozen=True)
class Import:
    """Decisions taken from a file; `blank` lines had none. They apply at the next run of matching."""

    matched: int
    refused: int
    blank: int
