"""The threshold: the lowest posterior at which the batch's matches are right often enough, told from labelled rows.

Labelled rows are scored as if they had no id, twice: with all candidates, and with the true voter taken away (the
person is not in the file). Weighted by the share of the batch that is in the file, the two are the batch.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

# fewer labelled rows than this measure nothing: the threshold is FIXED_THRESHOLD, the precision unknown
LEAST_LABELLED = 200
FIXED_THRESHOLD = 0.95
# with few labels an estimate may be lucky: errors counted in them are taken at this many standard deviations above
CAUTION = 1.0
# the share of contacts whose person is in the file, which so many labels as LEAST_LABELLED outweigh
IN_SPINE = 0.8
_ROUNDS = 4
# never below one half: the best of two equals is no match
_GRID = np.concatenate([np.arange(0.505, 0.99, 0.005), np.arange(0.99, 0.99995, 0.0005)])
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """What was measured. labelled: rows whose id agrees; curve: threshold, precision, accepted share of the batch;
    weights: lower edge of a bin of log2 odds, rows of the batch, labelled right, labelled wrong."""

    threshold: float
    estimated_precision: float | None
    # how far below the estimate the precision may well be, for labels are few
    margin: float | None
    in_spine_share: float | None
    labelled: int
    curve: list[tuple[float, float, float]] = field(default_factory=list)
    weights: list[tuple[float, int, int, int]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class _Rates:
    """Per threshold of the grid: shares of rows accepted. wrong and removed are of labelled rows."""

    right: Floats
    wrong: Floats
    removed: Floats
    batch: Floats
    labelled: int

    def in_spine(self, at: int) -> float:
        """Share of the batch whose person is in the file, from how much of it is accepted."""
        found, removed = self.right[at] + self.wrong[at], self.removed[at]
        if found - removed < 1e-6:
            return IN_SPINE
        seen = float(np.clip((self.batch[at] - removed) / (found - removed), 0.02, 0.98))
        return (seen * self.labelled + IN_SPINE * LEAST_LABELLED) / (self.labelled + LEAST_LABELLED)

    def precision(self, share: float, caution: float) -> Floats:
        """Share of the batch's matches that are right, errors counted `caution` deviations above what was seen."""
        wrong = share * _above(self.wrong, self.labelled, caution)
        removed = (1 - share) * _above(self.removed, self.labelled, caution)
        right = share * self.right
        total = right + wrong + removed
        return np.divide(right, total, out=np.zeros_like(total), where=total > 0)


def calibrate(con: duckdb.DuckDBPyConnection, scores: str, target: float = 0.99) -> Calibration:
    """Find the threshold for `target` from a table of SCORE_COLUMNS. Grain of the result: one run over one batch."""
    labelled, batch = _labelled(con, scores), _batch(con, scores)
    histogram = _histogram(con, scores)
    size = len(labelled["posterior"])
    if size < LEAST_LABELLED:
        return Calibration(FIXED_THRESHOLD, None, None, None, size, weights=histogram)
    rates = _Rates(
        right=_accepted(labelled["posterior"], labelled["ruled"], labelled["is_right"]),
        wrong=_accepted(labelled["posterior"], labelled["ruled"], ~labelled["is_right"]),
        removed=_accepted(labelled["removed_posterior"], labelled["removed_ruled"]),
        batch=_accepted(batch["posterior"], batch["ruled"]),
        labelled=size,
    )
    share, at = IN_SPINE, len(_GRID) // 2
    for _ in range(_ROUNDS):
        at = _lowest(rates, share, target)
        if len(batch["posterior"]):
            share = rates.in_spine(at)
    precisions = rates.precision(share, 0.0)
    curve = [
        (round(float(t), 4), round(float(p), 5), round(float(a), 5))
        for t, p, a in zip(_GRID, precisions, rates.batch, strict=True)
    ]
    return Calibration(
        threshold=round(float(_GRID[at]), 4),
        estimated_precision=round(float(precisions[at]), 5),
        margin=round(float(precisions[at] - rates.precision(share, CAUTION)[at]), 5),
        in_spine_share=round(share, 4) if len(batch["posterior"]) else None,
        labelled=size,
        curve=curve[::2],
        weights=histogram,
    )


def _lowest(rates: _Rates, share: float, target: float) -> int:
    """Position in the grid of the threshold: the lowest that is surely good enough; where labels are too few to be
    sure, the lowest from FIXED_THRESHOLD that may be; where even that fails, only the surest matches are taken."""
    sure = np.flatnonzero(rates.precision(share, CAUTION) >= target)
    if len(sure):
        return int(sure[0])
    possible = np.flatnonzero((rates.precision(share, -CAUTION) >= target) & (_GRID >= FIXED_THRESHOLD - 1e-9))
    return int(possible[0]) if len(possible) else len(_GRID) - 1


def _above(rate: Floats, rows: int, caution: float) -> Floats:
    """Upper bound of a rate counted in so many rows (score bound of a Poisson count); lower if caution is negative."""
    count = rate * rows
    bound: Floats = (count + caution**2 / 2 + caution * np.sqrt(count + caution**2 / 4)) / rows
    return bound


def _accepted(posterior: Floats, ruled: NDArray[np.bool_], among: NDArray[np.bool_] | None = None) -> Floats:
    """Share of rows accepted at each threshold of the grid: by a rule, or by a posterior that reaches it."""
    level = np.where(ruled, 2.0, posterior)
    total = max(1, len(level))
    if among is not None:
        level = level[among]
    ordered = np.sort(level)
    share: Floats = (len(ordered) - np.searchsorted(ordered, _GRID, side="left")) / total
    return share


def _labelled(con: duckdb.DuckDBPyConnection, scores: str) -> dict[str, NDArray[Any]]:
    return dict(
        con.execute(f"""
            select coalesce(posterior, 0) as posterior, rule is not null as ruled,
                coalesce(coalesce(rule_voter_id, best_voter_id) = id_voter_id, false) as is_right,
                coalesce(removed_posterior, 0) as removed_posterior, removed_rule is not null as removed_ruled
            from {scores} where id_check = 'agrees'
        """).fetchnumpy()
    )


def _batch(con: duckdb.DuckDBPyConnection, scores: str) -> dict[str, NDArray[Any]]:
    return dict(
        con.execute(f"""
            select coalesce(posterior, 0) as posterior, rule is not null as ruled
            from {scores} where id_check in ('none', 'disagrees')
        """).fetchnumpy()
    )


def _histogram(con: duckdb.DuckDBPyConnection, scores: str) -> list[tuple[float, int, int, int]]:
    rows = con.execute(f"""
        select least(greatest(floor(weight / 2) * 2, -20), 60) as bin,
            count(*) filter (where id_check in ('none', 'disagrees')),
            count(*) filter (where id_check = 'agrees' and best_voter_id = id_voter_id),
            count(*) filter (where id_check = 'agrees' and best_voter_id <> id_voter_id)
        from {scores} where weight is not null group by bin order by bin
    """).fetchall()
    return [(float(edge), int(batch), int(right), int(wrong)) for edge, batch, right, wrong in rows]
