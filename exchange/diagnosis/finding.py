"""One thing a diagnosis looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing looked at. A note is worth knowing but not wrong. where: file:line, if it is in a file."""

    check: str
    status: Literal["ok", "note", "wrong"]
    message: str
    remedy: str | None = None
    where: str | None = None
