"""Instants, contact dates and the windows they are blurred to."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

# finest first: the most generous of several is the one that stands first
PRECISIONS = ("day", "month", "two_months")
NOON = time(12)

_US_DAY = "%m/%d/%Y"
_US_STYLES = (_US_DAY, *(f"{_US_DAY} {clock}" for clock in ("%I:%M:%S %p", "%I:%M %p", "%H:%M:%S", "%H:%M")))
_ISO_SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}($|[T ]\d)")


def iso_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """UTC instant of an ISO text; without offset it is local to `zone`, a bare date is local midnight; None:
    unreadable.
    """
    text = text.strip()
    if not _ISO_SHAPE.match(text):
        return None
    # PostgreSQL and several tools print the zone apart: "2026-09-01 10:00:00 UTC", "... +00:00"
    text = re.sub(r" ?(UTC|Z)$", "+00:00", re.sub(r" ([+-]\d)", r"\1", text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _in_zone(moment, zone)


def us_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """As `iso_moment`, for month-first texts as VAN reports print them: there a bare date is local noon."""
    for style in _US_STYLES:
        try:
            moment = datetime.strptime(text.strip(), style)
        except ValueError:
            continue
        return _in_zone(datetime.combine(moment, NOON) if style == _US_DAY else moment, zone)
    return None


def contact_day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def window(day: date, precision: str) -> tuple[date, date]:
    """First and last day of the window that a date is shown as."""
    if precision == "day":
        return day, day
    first_month = day.month
    last_month = day.month
    if precision == "two_months":
        first_month = day.month if day.month % 2 == 1 else day.month - 1
        last_month = first_month + 1
    elif precision != "month":
        raise ValueError(f"unknown date precision {precision!r}")
    last_day = calendar.monthrange(day.year, last_month)[1]
    return date(day.year, first_month, 1), date(day.year, last_month, last_day)


def _in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    # fold=1: an hour that happens twice is taken as its second (standard time) run, as PostgreSQL takes it
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone, fold=1 if _ambiguous(moment, zone) else 0)
    return aware.astimezone(UTC)


def _ambiguous(moment: datetime, zone: ZoneInfo) -> bool:
    first, second = (moment.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second
