"""The text beside a list: what it holds, as of when, by which filters, who took it and what for."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.exporting.rows import Column, Size
from dashboard.rendering import moment
from dashboard.viewer import DataVersion, Viewer

WIDTH = 100

# label and text of each filter
Words = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Taken:
    """One list and how it came about. made_of: name -> what it is, of the saved universes in its filters."""

    viewer: Viewer
    at: datetime
    purpose: str
    version: DataVersion
    size: Size
    filters: Words
    made_of: Sequence[tuple[str, str]]
    url: str
    order: str
    file: str
    file_text: str
    columns: Sequence[Column]


def readme(taken: Taken) -> str:
    version, size = taken.version, taken.size
    facts = [
        ("Taken", f"{moment(taken.at)} by {taken.viewer.email} for {taken.viewer.partner_name}"),
        ("Purpose", taken.purpose),
        ("Data as of", moment(version.as_of)),
        ("Publication", f"number {version.publication_count}, published {moment(version.published_at)}"),
        ("People", _people(size)),
        ("Sorted by", taken.order),
        ("Address", taken.url),
    ]
    parts = [
        "A list of voters from the Voter Exchange\n========================================\n",
        _table(facts),
        "Filters, all of them in force\n-----------------------------\n" + _table(taken.filters),
    ]
    if taken.made_of:
        parts.append("Saved universes in these filters\n--------------------------------\n" + _table(taken.made_of))
    parts.append(f"{taken.file}\n{'-' * len(taken.file)}\n{_wrapped(taken.file_text)}\n\n" + _columns(taken.columns))
    return "\n".join(parts)


def _people(size: Size) -> str:
    if not size.suppressed:
        return f"{size.people:,}: everybody who matches. None of them is known to be out of bounds."
    return (
        f"{size.people:,}. {size.counted:,} match; {size.suppressed:,} of them must not be contacted (they opted out,"
        " have died or moved, as somebody reported) and are left out."
    )


def _table(rows: Sequence[tuple[str, str]]) -> str:
    width = max(len(label) for label, _ in rows) + 2
    return "".join(f"{_wrapped(text, label.ljust(width), width)}\n" for label, text in rows)


def _columns(columns: Sequence[Column]) -> str:
    width = max(len(column.name) for column in columns) + 2
    lines = []
    for column in columns:
        text = f"{column.meaning} Codes: {column.codes}." if column.codes else column.meaning
        lines.append(_wrapped(text, column.name.ljust(width), width) + "\n")
    return "".join(lines)


def _wrapped(text: str, label: str = "", indent: int = 0) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=label,
        subsequent_indent=" " * indent,
        # addresses stay whole
        break_long_words=False,
        break_on_hyphens=False,
    )
