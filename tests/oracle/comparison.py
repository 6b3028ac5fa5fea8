"""Compare the views a partner really has with the oracle's, and say in words what differs."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .views import ViewRow
from .voters import CONTACT_COLUMNS, NAME_COLUMNS

# what identifies a row for the reader of a diff; contacts have no key that both sides know
KEYS = {
    "voter_responses": ("state", "person_id", "question_code", "contest_id", "candidate_id"),
    "contacts": ("state", "person_id"),
    "voters": ("state", "person_id"),
    "explorer": ("state", "person_id"),
    "suppressions": ("person_id", "kind", "scope", "phone"),
    "my_statement": ("month_on", "question_code"),
    "coverage_summary": ("state", "county_fips"),
}
OPTIONAL = {"voters": (*NAME_COLUMNS, *CONTACT_COLUMNS), "explorer": ("name_key",)}
CONTACT_FACE = (
    "person_id",
    "state",
    "channel",
    "contact_result",
    "contacted_from",
    "contacted_until",
    "contributor",
    "is_own",
)
SHOWN = 5


@dataclass
class Difference:
    """What is wrong with one view of one partner; empty when nothing is."""

    partner_id: str
    view: str
    problems: list[str] = field(default_factory=list)
    missing: list[ViewRow] = field(default_factory=list)
    extra: list[ViewRow] = field(default_factory=list)
    changed: list[tuple[ViewRow, dict[str, tuple[Any, Any]]]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.problems or self.missing or self.extra or self.changed)

    def __str__(self) -> str:
        counts = f"{len(self.missing)} missing, {len(self.extra)} extra, {len(self.changed)} changed rows"
        lines = [f"{self.partner_id}.{self.view}: {counts}", *(f"  ! {problem}" for problem in self.problems)]
        lines += [f"  missing: {_line(row)}" for row in self.missing[:SHOWN]]
        lines += [f"  extra:   {_line(row)}" for row in self.extra[:SHOWN]]
        for key, columns in self.changed[:SHOWN]:
            told = ", ".join(f"{name}: expected {want!r}, got {got!r}" for name, (want, got) in columns.items())
            lines.append(f"  changed: {_line(key)} -> {told}")
        by_column = Counter(name for _, columns in self.changed for name in columns)
        if by_column:
            lines.append(f"  changed columns: {dict(by_column.most_common())}")
        return "\n".join(lines)


def differences(
    partner_id: str, expected: dict[str, list[ViewRow]], actual: dict[str, list[ViewRow]]
) -> list[Difference]:
    """Every difference of one partner's views. Views that are not in `actual` are not compared.

    Contact ids are compared by what they point to: a response's id is replaced by the face of the contact
    it joins to.
    """
    found = []
    for view, rows in actual.items():
        difference = Difference(partner_id, view)
        if view == "voter_responses":
            wanted = _with_contacts(expected[view], expected["contacts"], Difference(partner_id, view))
            got = _with_contacts(rows, actual["contacts"], difference)
        else:
            wanted, got = expected[view], rows
            if view == "contacts":
                _check_contact_ids(rows, difference)
        _compare(view, wanted, got, difference)
        if difference:
            found.append(difference)
    return found


def report(found: Iterable[Difference]) -> str:
    return "\n".join(str(difference) for difference in found)


def _with_contacts(rows: list[ViewRow], contacts: list[ViewRow], difference: Difference) -> list[ViewRow]:
    faces = {row["contact_id"]: tuple(row[column] for column in CONTACT_FACE) for row in contacts}
    joined = []
    for row in rows:
        contact_id = row["contact_id"]
        if contact_id is not None and contact_id not in faces:
            difference.problems.append(f"contact_id {contact_id!r} is in no row of contacts: {_line(row)}")
        joined.append(row | {"contact_id": None if contact_id is None else faces.get(contact_id)})
    return joined


def _check_contact_ids(rows: list[ViewRow], difference: Difference) -> None:
    counted = Counter(row["contact_id"] for row in rows)
    repeated = {contact_id: times for contact_id, times in counted.items() if times > 1 or contact_id is None}
    if repeated:
        difference.problems.append(f"contact_id is null or not unique: {dict(list(repeated.items())[:SHOWN])}")


def _compare(view: str, expected: list[ViewRow], actual: list[ViewRow], difference: Difference) -> None:
    columns = _columns(view, expected, actual, difference)
    if columns is None:
        return
    wanted = Counter(_frozen(row, columns) for row in expected)
    got = Counter(_frozen(row, columns) for row in actual)
    missing = [dict(row) for row in (wanted - got).elements()]
    extra = [dict(row) for row in (got - wanted).elements()]
    _pair(view, missing, extra, difference)


def _columns(view: str, expected: list[ViewRow], actual: list[ViewRow], difference: Difference) -> list[str] | None:
    """Columns to compare: the contract's; an optional one may be absent only if it would be null in every row."""
    if not expected or not actual:
        return sorted((expected or actual or [{}])[0])
    columns = [column for column in expected[0] if view != "contacts" or column != "contact_id"]
    lacking = [column for column in columns if column not in actual[0]]
    for column in lacking:
        optional = column in OPTIONAL.get(view, ()) and all(row[column] is None for row in expected)
        if not optional:
            difference.problems.append(f"column {column} is lacking")
    return [column for column in columns if column not in lacking]


def _frozen(row: ViewRow, columns: list[str]) -> tuple[tuple[str, Any], ...]:
    return tuple((column, _value(column, row[column])) for column in columns)


def _value(column: str, value: Any) -> Any:
    if column == "phone" and value:
        # the contract names the phone, not how it is written
        return re.sub(r"\D", "", value)[-10:]
    return value


def _pair(view: str, missing: list[ViewRow], extra: list[ViewRow], difference: Difference) -> None:
    """Rows that differ only outside the key are one changed row, not one missing and one extra."""
    key_columns = KEYS[view]
    waiting: dict[tuple[Any, ...], list[ViewRow]] = defaultdict(list)
    for row in extra:
        waiting[tuple(row.get(column) for column in key_columns)].append(row)
    for row in missing:
        key = tuple(row.get(column) for column in key_columns)
        if waiting[key]:
            other = waiting[key].pop(0)
            changes = {name: (row[name], other[name]) for name in row if row[name] != other[name]}
            difference.changed.append((dict(zip(key_columns, key, strict=True)), changes))
        else:
            difference.missing.append(row)
    difference.extra.extend(row for rows in waiting.values() for row in rows)


def _line(row: ViewRow) -> str:
    return " ".join(f"{name}={value}" for name, value in row.items() if value is not None)
