"""New files of a scaffold: all of them are written, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exchange.errors import ExchangeError, Place


@dataclass(frozen=True)
class Made:
    """What a scaffold did. edited: files that were there before; steps: what a person does next, in order."""

    created: tuple[Path, ...] = ()
    edited: tuple[Path, ...] = ()
    steps: tuple[str, ...] = ()


def write(created: Mapping[Path, str], edited: Mapping[Path, str] | None = None) -> None:
    """Write new files, then the changed text of old ones. Raises ExchangeError, and writes nothing, if one exists."""
    for path in created:
        if path.exists():
            raise ExchangeError(
                "The file exists already; nothing was written.",
                place=Place(file=str(path)),
                remedy="Choose another name, or change the file by hand.",
            )
    done: list[Path] = []
    try:
        for path, text in created.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="") as file:
                done.append(path)
                file.write(text)
        for path, text in (edited or {}).items():
            replace(path, text)
    except OSError:
        for path in done:
            path.unlink(missing_ok=True)
        raise


def replace(path: Path, text: str) -> None:
    """Put the whole text in place at once: a reader sees the old file or the new one."""
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
    draft.chmod(path.stat().st_mode)
    draft.replace(path)
