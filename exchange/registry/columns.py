"""What one cell of a registry or vocabulary file may hold.

A cell arrives as text or None (blank). A type refuses what it cannot mean: nothing is guessed, "yes" is not true.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

_STATE = re.compile(r"[A-Z]{2}")
_DIVISION = re.compile(r"ocd-division/country:[a-z]{2}(/[^/:\s]+:[^/:\s]+)*")


class Row(BaseModel):
    """One line of a registry or vocabulary file; field names are its columns, a blank cell is None."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _iso_date(value: object) -> object:
    # date.fromisoformat also takes 20261103 and 2026-W45-2, which dbt and Postgres would read otherwise
    if isinstance(value, str) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError("a date such as 2026-11-03")
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("a date that is in the calendar, such as 2026-11-03") from None


def _boolean(value: object) -> object:
    if isinstance(value, str):
        if value.lower() not in ("true", "false"):
            raise ValueError("true or false")
        return value.lower() == "true"
    return value


def _whole(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"-?\d{1,18}", value):
            raise ValueError("a whole number")
        return int(value)
    return value


def _decimal(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(r"\d{1,9}(\.\d+)?|\.\d+", value):
            raise ValueError("a number such as 0.05")
        return float(value)
    return value


@cache
def _time_zones() -> set[str]:
    # a walk through the machine's zone files: 10 ms each time
    return available_timezones()


def _time_zone(value: object) -> object:
    if isinstance(value, str) and value not in _time_zones():
        raise ValueError("an IANA time zone such as America/New_York")
    return value


def _state(value: object) -> object:
    if isinstance(value, str) and not _STATE.fullmatch(value):
        raise ValueError("a two-letter state code in capitals, such as PA")
    return value


def _states(value: object) -> object:
    if isinstance(value, str) and value != "*":
        codes = value.split(" ")
        if not all(_STATE.fullmatch(code) for code in codes):
            raise ValueError("* or two-letter state codes in capitals with one space between, such as PA NC")
        if len(set(codes)) < len(codes):
            raise ValueError("each state once")
    return value


def _division(value: object) -> object:
    if isinstance(value, str) and not _DIVISION.fullmatch(value):
        raise ValueError("an OCD division id such as ocd-division/country:us/state:pa/cd:7")
    return value


def _leaves_its_folder(path: str) -> bool:
    return path.startswith(("/", "~", "\\")) or ".." in re.split(r"[/\\]", path)


def _location(value: object) -> object:
    is_path = isinstance(value, str) and "://" not in value
    if is_path and _leaves_its_folder(str(value)):
        raise ValueError("a URL, or a path below the inbox without '..'")
    return value


def _pattern_of_files(value: object) -> object:
    if isinstance(value, str) and _leaves_its_folder(value):
        raise ValueError("a pattern relative to the feed's location, such as *.csv, without '..'")
    return value


def _regular_expression(value: object) -> object:
    if isinstance(value, str):
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"a regular expression ({error})") from None
    return value


Text = Annotated[str, StringConstraints(min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
ShareSchema = Annotated[str, StringConstraints(pattern=r"^p_[0-9a-f]{6}$")]
IsoDate = Annotated[date, BeforeValidator(_iso_date)]
Boolean = Annotated[bool, BeforeValidator(_boolean)]
Whole = Annotated[int, BeforeValidator(_whole)]
Count = Annotated[int, BeforeValidator(_whole), Field(ge=0)]
# 100 years at most: a date so far back is still a date
WindowDays = Annotated[int, BeforeValidator(_whole), Field(ge=1, le=36_500)]
SmallInt = Annotated[int, BeforeValidator(_whole), Field(ge=-32768, le=32767)]
Hours = Annotated[float, BeforeValidator(_decimal), Field(gt=0)]
Share = Annotated[float, BeforeValidator(_decimal), Field(ge=0, le=1)]
TimeZone = Annotated[str, BeforeValidator(_time_zone)]
StateCode = Annotated[str, BeforeValidator(_state)]
States = Annotated[str, BeforeValidator(_states)]
DivisionId = Annotated[str, BeforeValidator(_division)]
Location = Annotated[str, BeforeValidator(_location)]
FilePattern = Annotated[str, BeforeValidator(_pattern_of_files)]
Pattern = Annotated[str, BeforeValidator(_regular_expression)]
