"""File formats, read from the dbt source descriptions: models/staging/<system>/_<system>__sources.yml.

The same description makes the dbt source, the raw table and the reader, so the three cannot disagree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from exchange.errors import ExchangeError, Place
from exchange.intake.described import Encoding, HeaderLine, SourceDescription, SourceFile, TableDescription, Unknown
from exchange.settings import PROJECT_ROOT

SOURCES = PROJECT_ROOT / "models" / "staging"


@dataclass(frozen=True)
class FormatColumn:
    """One column of a format: its raw column and the header spellings (trimmed, any case) it is known by.

    `pattern`: a regular expression of Postgres that the filled values mostly match; `like`: the same for people.
    """

    name: str
    headers: tuple[str, ...]
    required: bool = False
    pattern: str | None = None
    like: str | None = None


@dataclass(frozen=True)
class Gate:
    """What makes a whole file wrong although each of its records can be read. See gate.py.

    unique: columns of which no two records may have the same values; among: only records with these values count.
    slice_column: says which part of the feed (a county) a record is about. smallest_share: of the usual size.
    """

    unique: tuple[str, ...] = ()
    among: tuple[str, frozenset[str]] | None = None
    slice_column: str | None = None
    smallest_share: float | None = None


@dataclass(frozen=True)
class FileFormat:
    """What a delivered file of one format looks like. `name` is also the raw table's name.

    least_cells: a file without header line may lack the columns after these. state: whose file it is, if one state's;
    usual_name: a pattern of the names the state gives it, for files that their contents alone do not tell apart.
    """

    name: str
    system: str
    delimiter: str
    encoding: Encoding
    unknown_columns: Unknown
    columns: tuple[FormatColumn, ...]
    header: HeaderLine = "present"
    least_cells: int = 0
    collected_headers: re.Pattern[str] | None = None
    state: str | None = None
    usual_name: str | None = None
    gate: Gate = field(default_factory=Gate)

    @property
    def patterned(self) -> tuple[FormatColumn, ...]:
        """The columns whose values have a pattern."""
        return tuple(column for column in self.columns if column.pattern is not None)


@cache
def load_formats(folder: Path = SOURCES) -> dict[str, FileFormat]:
    """Every format by name. Raises ExchangeError naming the YAML file that does not describe one properly."""
    formats: dict[str, FileFormat] = {}
    for path in sorted(folder.glob("*/_*__sources.yml")):
        for file_format in _described_in(path):
            if file_format.name in formats:
                raise ExchangeError(
                    f"file format {file_format.name} is described a second time", place=Place(file=str(path))
                )
            formats[file_format.name] = file_format
    if not formats:
        raise ExchangeError(
            "no file format is described",
            place=Place(file=str(folder)),
            expected="files named <system>/_<system>__sources.yml",
        )
    return formats


def _described_in(path: Path) -> list[FileFormat]:
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        described = SourceFile.model_validate(content)
    except yaml.YAMLError as error:
        raise ExchangeError(f"not readable as YAML: {error}", place=Place(file=str(path))) from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}" for problem in error.errors()
        )
        raise ExchangeError(
            f"not a proper description of a file format: {problems}",
            place=Place(file=str(path)),
            remedy="docs/add-a-source-system.md says what each key means.",
        ) from error
    return [_file_format(source, table) for source in described.sources for table in source.tables]


def _file_format(source: SourceDescription, table: TableDescription) -> FileFormat:
    file = table.config.meta.file
    gate = file.gate
    return FileFormat(
        name=table.name,
        system=source.name,
        delimiter=file.delimiter,
        encoding=file.encoding,
        unknown_columns=file.unknown_columns,
        columns=tuple(
            FormatColumn(
                column.name,
                tuple(column.config.meta.headers) or (column.name,),
                column.config.meta.required,
                column.config.meta.pattern,
                column.config.meta.like,
            )
            for column in table.columns
        ),
        header=file.header,
        least_cells=file.least_cells or len(table.columns),
        collected_headers=re.compile(file.collected_headers, re.IGNORECASE) if file.collected_headers else None,
        state=file.state,
        usual_name=file.usual_name,
        gate=Gate(
            unique=tuple(gate.unique),
            among=(gate.among.column, frozenset(value.upper() for value in gate.among.values)) if gate.among else None,
            slice_column=gate.slice,
            smallest_share=gate.smallest_share,
        ),
    )
