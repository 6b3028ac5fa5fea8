"""File formats, read from the dbt source descriptions: models/staging/<system>/_<system>__sources.yml.

The same description makes the dbt source, the raw table and the reader, so the three cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from exchange.errors import ExchangeError, Place
from exchange.settings import PROJECT_ROOT

SOURCES = PROJECT_ROOT / "models" / "staging"

# A Postgres name that never needs quotes; a leading underscore is kept for our own lineage columns.
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


@dataclass(frozen=True)
class FormatColumn:
    """One column of a format: its raw column and the header spellings (trimmed, any case) it is known by."""

    name: str
    headers: tuple[str, ...]
    required: bool


@dataclass(frozen=True)
class FileFormat:
    """What a delivered file of one format looks like. `name` is also the raw table's name."""

    name: str
    system: str
    delimiter: str
    encoding: Literal["utf-8", "utf-16"]
    unknown_columns: Literal["refuse", "collect"]
    columns: tuple[FormatColumn, ...]


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


class _Described(BaseModel):
    """Part of a dbt source file: dbt's other keys are dbt's business."""

    model_config = ConfigDict(extra="ignore")


class _Meta(BaseModel):
    """What is under `meta` is read by this module alone: a misspelt key must not pass."""

    model_config = ConfigDict(extra="forbid")


class _FileMeta(_Meta):
    delimiter: Annotated[str, StringConstraints(pattern=r"^[\t,;|]$")]
    encoding: Literal["utf-8", "utf-16"]
    unknown_columns: Literal["refuse", "collect"]


class _TableMeta(_Meta):
    file: _FileMeta


class _TableConfig(_Described):
    meta: _TableMeta


class _ColumnMeta(_Meta):
    headers: list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]] = Field(min_length=1)
    required: bool = False


class _ColumnConfig(_Described):
    meta: _ColumnMeta


class _Column(_Described):
    name: _Name
    config: _ColumnConfig


class _Table(_Described):
    name: _Name
    config: _TableConfig
    columns: list[_Column] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_header_means_one_column(self) -> Self:
        owners: dict[str, str] = {}
        names: set[str] = set()
        for column in self.columns:
            if column.name in names:
                raise ValueError(f"column {column.name} is described twice")
            names.add(column.name)
            for header in column.config.meta.headers:
                owner = owners.setdefault(header.casefold(), column.name)
                if owner != column.name:
                    raise ValueError(f"header {header!r} belongs to both {owner} and {column.name}")
        return self


class _Source(_Described):
    name: _Name
    tables: list[_Table] = Field(min_length=1)


class _SourceFile(_Described):
    sources: list[_Source] = Field(min_length=1)


def _described_in(path: Path) -> list[FileFormat]:
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        described = _SourceFile.model_validate(content)
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


def _file_format(source: _Source, table: _Table) -> FileFormat:
    return FileFormat(
        name=table.name,
        system=source.name,
        delimiter=table.config.meta.file.delimiter,
        encoding=table.config.meta.file.encoding,
        unknown_columns=table.config.meta.file.unknown_columns,
        columns=tuple(
            FormatColumn(column.name, tuple(column.config.meta.headers), column.config.meta.required)
            for column in table.columns
        ),
    )
