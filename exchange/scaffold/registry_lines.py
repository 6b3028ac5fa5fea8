"""One more line in a CSV file of the registry, written only if the registry loads with it."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from exchange.errors import ExchangeError, Place
from exchange.registry import RegistryError, load_registry
from exchange.scaffold.files import replace


def add_line(registry: Path, file_name: str, cells: Mapping[str, str]) -> None:
    """Append a line; columns not in `cells` stay blank. A line with which the registry does not load is refused.

    The registry must load before (raises RegistryError with all its problems otherwise).
    """
    path = registry / file_name
    text = path.read_bytes().decode("utf-8-sig")
    changed = text + ("" if text.endswith("\n") else "\n") + csv_line(_header(text), cells, _line_end(text))
    _try(registry, file_name, changed)
    replace(path, changed)


def csv_line(header: list[str], cells: Mapping[str, str], line_end: str = "\n") -> str:
    """One line of CSV in the order of the header."""
    unknown = cells.keys() - set(header)
    if unknown:
        raise ValueError(f"no such columns: {sorted(unknown)}")
    line = io.StringIO()
    csv.writer(line, lineterminator=line_end).writerow([cells.get(column, "") for column in header])
    return line.getvalue()


def _header(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text)))


def _line_end(text: str) -> str:
    return "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"


def _try(registry: Path, file_name: str, changed: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder)
        for path in registry.glob("*.csv"):
            shutil.copy(path, trial)
        with (trial / file_name).open("w", encoding="utf-8", newline="") as file:
            file.write(changed)
        try:
            load_registry(trial)
        except RegistryError as error:
            raise RegistryError(registry, [_placed(problem, registry, trial) for problem in error.problems]) from None


def _placed(problem: ExchangeError, registry: Path, trial: Path) -> ExchangeError:
    """The problem with the file's real name; the line is the one that was about to be written."""
    place = problem.place
    file = None if place.file is None else place.file.replace(str(trial), str(registry))
    return ExchangeError(
        f"{problem.problem} Nothing was written.",
        place=Place(file=file, line=place.line, column=place.column),
        expected=problem.expected,
        got=problem.got,
        remedy=problem.remedy,
    )
