"""The parts of a dbt source file that describe a delivered file, as typed models: a misspelt key stops everything."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Encoding = Literal["utf-8", "utf-16", "latin-1", "windows-1252"]
HeaderLine = Literal["present", "absent", "optional"]
Unknown = Literal["refuse", "collect", "collect_filled"]

# A Postgres name that never needs quotes; a leading underscore is kept for our own lineage columns.
_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _regular_expression(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    if "\\" in value or "(?" in value:
        # Postgres and Python must understand it alike
        raise ValueError("a regular expression without backslashes and without (?")
    return value


_Pattern = Annotated[str, AfterValidator(_regular_expression)]


class _Described(BaseModel):
    """Part of a dbt source file: dbt's other keys are dbt's business."""

    model_config = ConfigDict(extra="ignore")


class _Meta(BaseModel):
    """What is under `meta` is read by the intake alone: a misspelt key must not pass."""

    model_config = ConfigDict(extra="forbid")


class _AmongMeta(_Meta):
    column: _Name
    values: list[str] = Field(min_length=1)


class _GateMeta(_Meta):
    unique: list[_Name] = []
    among: _AmongMeta | None = None
    slice: _Name | None = None
    smallest_share: float | None = Field(default=None, gt=0, lt=1)

    @property
    def names(self) -> list[str]:
        return [*self.unique, *([self.slice] if self.slice else []), *([self.among.column] if self.among else [])]


class _FileMeta(_Meta):
    delimiter: Annotated[str, StringConstraints(pattern=r"^[\t,;|]$")]
    encoding: Encoding
    unknown_columns: Unknown
    collected_headers: _Pattern | None = None
    header: HeaderLine = "present"
    least_cells: int | None = Field(default=None, ge=1)
    state: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    usual_name: _Text | None = None
    gate: _GateMeta = _GateMeta()


class _TableMeta(_Meta):
    file: _FileMeta


class _TableConfig(_Described):
    meta: _TableMeta


class _ColumnMeta(_Meta):
    headers: list[_Text] = []
    required: bool = False
    pattern: _Pattern | None = None
    like: _Text | None = None

    @model_validator(mode="after")
    def _a_pattern_is_told_in_words(self) -> Self:
        if (self.pattern is None) != (self.like is None):
            raise ValueError("pattern and like (what a person reads instead of it) go together")
        return self


class _ColumnConfig(_Described):
    meta: _ColumnMeta = _ColumnMeta()


class _Column(_Described):
    name: _Name
    config: _ColumnConfig = _ColumnConfig()


class TableDescription(_Described):
    """One file format."""

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
            if not column.config.meta.headers and self.config.meta.file.header != "absent":
                raise ValueError(f"column {column.name} has no headers, and the file has a header line")
            for header in column.config.meta.headers:
                owner = owners.setdefault(header.casefold(), column.name)
                if owner != column.name:
                    raise ValueError(f"header {header!r} belongs to both {owner} and {column.name}")
        return self

    @model_validator(mode="after")
    def _the_file_fits_its_columns(self) -> Self:
        file = self.config.meta.file
        known = {column.name for column in self.columns}
        for name in file.gate.names:
            if name not in known:
                raise ValueError(f"gate: there is no column {name}")
        if file.collected_headers is not None and file.unknown_columns == "refuse":
            raise ValueError("collected_headers: unknown_columns is refuse")
        if file.least_cells is not None and (file.header == "present" or file.least_cells > len(self.columns)):
            raise ValueError("least_cells is for files without header line, and at most the number of columns")
        return self


class SourceDescription(_Described):
    """One source system."""

    name: _Name
    tables: list[TableDescription] = Field(min_length=1)


class SourceFile(_Described):
    """One YAML file."""

    sources: list[SourceDescription] = Field(min_length=1)
