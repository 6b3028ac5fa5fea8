"""What a recipient gets of a partner's own rows by one rule: how many today, and the form it gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from psycopg import sql

from dashboard.database import Reader
from dashboard.sharing_rules import Rule

EXAMPLES = 20
Subject = Literal["responses", "contacts"]


@dataclass(frozen=True)
class Source:
    """A view with the partner's own rows. day: the column of the contact date, exact for own rows."""

    view: str
    day: str
    columns: str
    has_question: bool


SOURCES: dict[Subject, Source] = {
    "responses": Source(
        "voter_responses",
        "responded_from",
        "state, channel, responded_from as contact_on, question_code, contest_id, candidate_id, answer_label",
        has_question=True,
    ),
    "contacts": Source(
        "contacts", "contacted_from", "state, channel, contacted_from as contact_on, contact_result", has_question=False
    ),
}


@dataclass(frozen=True)
class Preview:
    """Of one view. shown: own rows that the rule lets its recipients see today; later: those whose embargo runs still.

    examples: some of the shown, newest first, each with the first and last day of the window that the rule gives.
    """

    subject: Subject
    shown: int
    later: int
    examples: Sequence[Mapping[str, Any]]


async def preview(reader: Reader, rule: Rule, withheld: Sequence[Rule], today: date) -> list[Preview]:
    """Grain: one per view that the rule is about. withheld: rules in force that hold back rows from all its recipients.

    A rule that is not in force today shows nothing.
    """
    found = []
    for subject, source in SOURCES.items():
        if not _is_about(rule, subject, source):
            continue
        is_meant = sql.SQL(" and ").join(
            [
                sql.SQL("is_own"),
                _matches(rule, source),
                *(
                    sql.SQL("not ({})").format(_matches(other, source))
                    for other in withheld
                    if _is_about(other, subject, source)
                ),
            ]
        )
        if rule.validity(today) == "in_force":
            found.append(await _read(reader, subject, source, is_meant, rule, today))
        else:
            found.append(Preview(subject, 0, 0, []))
    return found


def window(day: date, precision: str) -> tuple[date, date]:
    """First and last day of what stands for a contact date: the day, its month, or its pair of months (Jan-Feb, …)."""
    if precision == "day":
        return day, day
    first = day.replace(day=1)
    if precision == "two_months":
        first = first.replace(month=(day.month - 1) // 2 * 2 + 1)
    last_month = first if precision == "month" else first.replace(month=first.month + 1)
    return first, (last_month + timedelta(days=32)).replace(day=1) - timedelta(days=1)


async def _read(
    reader: Reader, subject: Subject, source: Source, is_meant: sql.Composable, rule: Rule, today: date
) -> Preview:
    newest = today - timedelta(days=rule.embargo_days)
    names = {"view": sql.Identifier(source.view), "day": sql.Identifier(source.day), "meant": is_meant}
    counts = await reader.row(
        sql.SQL(
            "select count(*) filter (where {day} <= %s) as shown, count(*) filter (where {day} > %s) as later"
            " from {view} where {meant}"
        ).format(**names),
        [newest, newest],
    )
    assert counts is not None
    rows = await reader.rows(
        sql.SQL("select {columns} from {view} where {meant} and {day} <= %s order by {day} desc limit %s").format(
            # a literal of this module
            columns=sql.SQL(source.columns),
            **names,
        ),
        [newest, EXAMPLES],
    )
    examples = []
    for row in rows:
        shown_from, shown_until = window(row.pop("contact_on"), rule.date_precision)
        examples.append({**row, "shown_from": shown_from, "shown_until": shown_until})
    # within one window their order would tell more than the window
    examples.sort(key=lambda row: (-row["shown_from"].toordinal(), *(str(value) for value in row.values())))
    return Preview(subject, counts["shown"], counts["later"], examples)


def _is_about(rule: Rule, subject: Subject, source: Source) -> bool:
    """A rule for a question or an office is never about contacts, which have none."""
    is_narrow = (rule.question_code, rule.office_level) != ("*", "*")
    return rule.subject in ("*", subject) and (source.has_question or not is_narrow)


def _matches(rule: Rule, source: Source) -> sql.Composable:
    """True for the rows that the rule means; a given office never means a row without one."""
    wanted = {"state": rule.state, "channel": rule.channel}
    if source.has_question:
        wanted |= {"question_code": rule.question_code, "office_level": rule.office_level}
    conditions = [
        sql.SQL("coalesce({} = {}, false)").format(sql.Identifier(column), sql.Literal(value))
        for column, value in wanted.items()
        if value != "*"
    ]
    return sql.SQL(" and ").join(conditions) if conditions else sql.SQL("true")
