"""The benchmark's table, and the bounds it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.matching.cases import DATASETS, Case
from benchmarks.matching.quality import Quality

HEADER = (
    f"{'':22}{'— rows without id —':^56}{'— all rows —':^16}\n"
    f"{'method':22}{'P':>7}{'low95':>7}{'R':>7}{'R/ceil':>8}{'F1':>7}{'absent':>8}{'est−true':>10}"
    f"{'review':>8}{'P':>8}{'F1':>7}{'CPU s':>8}{'GB':>6}"
)


@dataclass(frozen=True)
class Bound:
    """What a measured number may not fall below (`least`) or exceed."""

    name: str
    measured: float | None
    limit: float
    least: bool

    @property
    def holds(self) -> bool:
        if self.measured is None:
            return False
        return self.measured >= self.limit if self.least else self.measured <= self.limit


def line(method: str, found: dict[str, Any]) -> str:
    without, every = Quality(**found["without_id"]), Quality(**found["all"])
    estimated = found.get("estimated")
    gap = f"{estimated - without.precision:+.4f}" if estimated is not None else ""
    review = f"{found['review']:.3f}" if "review" in found else ""
    return (
        f"{method:22}{without.precision:7.4f}{without.lower_bound:7.4f}{without.recall:7.3f}{without.of_ceiling:8.3f}"
        f"{without.f1:7.3f}{without.absent_wrong:8.4f}{gap:>10}{review:>8}{every.precision:8.4f}{every.f1:7.3f}"
        f"{found['cpu']:8.1f}{found['memory']:6.2f}"
    )


def details(case: Case, engine: dict[str, Any]) -> list[str]:
    """Rows by channel, ids, seconds by step."""
    without, ids = Quality(**engine["without_id"]), Quality(**engine["ids"])
    rules = Quality(**engine["rules_alone"])
    lines = [
        f"  {without.rows:,} rows without id, {without.on_file:,} of them on the file; ceiling {without.ceiling:.3f};"
        f" threshold {engine['threshold']:.3f}; in-spine share {_number(engine['in_spine'])}"
        f" (true {without.on_file / max(1, without.rows):.3f}); estimated precision {_number(engine['estimated'])}",
        f"  ids: {ids.answered:,} of {ids.rows:,} taken, right {ids.precision:.5f};"
        f" rules on rows without id: {rules.answered:,}, right {rules.precision:.4f}",
    ]
    for name, channel in engine["channels"].items():
        found = Quality(**channel)
        lines.append(
            f"  {name:14}{found.rows:8,}  P {found.precision:.4f}  R {found.recall:.3f}"
            f"  ceiling {found.ceiling:.3f}  R/ceiling {found.of_ceiling:.3f}"
        )
    steps = "  ".join(f"{name} {seconds:.1f}" for name, seconds in engine["timings"].items())
    return [*lines, f"  CPU s: {steps}  (whole {engine['cpu']:.1f}, wall {engine['wall']:.1f})"]


def scored_per_second(case_rows: int, engine: dict[str, Any]) -> float:
    """Identities over the CPU seconds of preparing them, finding pairs, scoring and summing up."""
    return case_rows / max(0.001, sum(engine["timings"][step] for step in SCORING_STEPS if step in engine["timings"]))


# all that is done per identity
SCORING_STEPS = ("standardize_identities", "identity_keys", "pairs", "score", "summarize")


def bounds(case: Case, engine: dict[str, Any]) -> list[Bound]:
    without, every = Quality(**engine["without_id"]), Quality(**engine["all"])
    gap = None if engine["estimated"] is None else abs(engine["estimated"] - without.precision)
    if case.source in DATASETS:
        # what matching.md measured with the same method
        least = {"febrl4": (0.9995, 0.915, 0.956), "pseudopeople": (0.991, 0.915, 0.951)}[case.source]
        precision, recall, f1 = least
        return [
            Bound("precision", round(without.precision, 3), round(precision, 3), True),
            Bound("recall", round(without.recall, 3), recall, True),
            Bound("F1", round(without.f1, 3), f1, True),
        ]
    found = [
        Bound("precision without id", without.precision, 0.99, True),
        Bound("its lower bound (95 %)", without.lower_bound, 0.988, True),
        Bound("recall / ceiling", without.of_ceiling, 0.92, True),
        Bound("F1 without id", without.f1, 0.84, True),
        Bound("F1 all rows", every.f1, 0.91, True),
        Bound("wrong on non-voters", without.absent_wrong, 0.025, False),
        Bound("|estimated − true|", gap, 0.005, False),
    ]
    if case.voters >= 1_000_000:
        speed = 6000 if case.voters < 5_000_000 else 4000
        found.append(Bound("identities/s, one core", scored_per_second(case.identities, engine), speed, True))
        found.append(Bound("peak GB", engine["memory"], max(2.0, 1.4 * case.voters / 1e6), False))
    return found


def show(bounds: list[Bound]) -> None:
    for bound in bounds:
        measured = "none" if bound.measured is None else f"{bound.measured:.4f}".rstrip("0").rstrip(".")
        sign = "≥" if bound.least else "≤"
        print(f"  {bound.name:46}{measured:>12}  {sign} {bound.limit:<7g}{'holds' if bound.holds else 'MISSED'}")


def _number(value: float | None) -> str:
    return "not measurable" if value is None else f"{value:.4f}"
