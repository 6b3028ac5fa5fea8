"""What was measured, beside what it may be."""

from __future__ import annotations

import json
import os
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.matching.report import Bound, show


@dataclass
class Report:
    """Bounds in the order in which they were measured; told: numbers that explain them, and have no bound."""

    bounds: list[Bound] = field(default_factory=list)
    told: dict[str, float | str] = field(default_factory=dict)

    def judge(self, name: str, measured: float | None, limit: float, *, least: bool = False) -> None:
        """least: it must not fall below the limit, instead of not exceeding it."""
        self.bounds.append(Bound(name, measured, limit, least))
        show(self.bounds[-1:])

    def tell(self, name: str, value: float | str) -> None:
        self.told[name] = value
        text = f"{value:,.4g}" if isinstance(value, float) else value
        print(f"    {name:58}{text}", flush=True)

    @property
    def holds(self) -> bool:
        return all(bound.holds for bound in self.bounds)

    def write(self, path: Path, **further: Any) -> None:
        document = {
            **further,
            "cores": os.cpu_count(),
            "load": os.getloadavg(),
            "bounds": [{**vars(bound), "holds": bound.holds} for bound in self.bounds],
            "told": self.told,
        }
        path.write_text(json.dumps(document, indent=1))


def percentile(values: list[float], share: float) -> float:
    """The value that so large a share does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def quartiles(values: list[float]) -> tuple[float, float, float]:
    return statistics.median(values), percentile(values, 0.95), percentile(values, 0.99)
