"""Rules about what a partner shares: their form, in words, and how they came to be.

Only these. What others share with the partner is told by its view sharing_terms alone, which names nobody whom a rule
keeps blind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal

from dashboard.database import Reader
from dashboard.viewer import Viewer
from dashboard.vocabulary import Vocabulary

Validity = Literal["in_force", "not_yet", "ended"]
_GROUPS = {
    "*": "every partner",
    "group:all": "every partner",
    "group:coordinated": "every coordinated partner",
    "group:independent": "every independent partner",
}
_SUBJECTS = {"responses": "answers", "contacts": "contact attempts"}
_PRECISIONS = {"day": "the day", "month": "the month", "two_months": "two months"}


@dataclass(frozen=True)
class Rule:
    """One line of sharing_rules.csv of which this partner is (one of) the contributor(s)."""

    rule_id: str
    effect: str
    recipient: str
    subject: str
    question_code: str
    office_level: str
    state: str
    channel: str
    embargo_days: int
    attribution: str
    date_precision: str
    valid_from: date | None
    valid_until: date | None
    agreement: str | None

    @classmethod
    def of_line(cls, line: Mapping[str, Any]) -> Rule:
        """Of a line as the audit keeps it: dates are texts, what is empty is null."""
        values: dict[str, Any] = {each.name: line.get(each.name) for each in fields(cls)}
        for name in ("valid_from", "valid_until"):
            values[name] = date.fromisoformat(values[name]) if values[name] else None
        values["embargo_days"] = int(values["embargo_days"] or 0)
        return cls(**values)

    def validity(self, today: date) -> Validity:
        if self.valid_from and today < self.valid_from:
            return "not_yet"
        return "ended" if self.valid_until and self.valid_until < today else "in_force"

    def holds_back_all_of(self, other: Rule) -> bool:
        """Whether every recipient of the other rule is one of this one."""
        return self.effect == "withhold" and self.recipient in ("*", "group:all", other.recipient)


@dataclass(frozen=True)
class Limit:
    """One line of give_to_get.csv that means this partner."""

    window_days: int
    min_answers: int


@dataclass(frozen=True)
class Change:
    """What one refresh found changed in a rule or limit. before or after is None where there was, or is, none."""

    at: datetime
    before: Rule | Limit | None
    after: Rule | Limit | None


async def history(keeper: Reader, viewer: Viewer) -> list[Change]:
    """Oldest first; the first one of all brings the rules that stood when the exchange began to keep account."""
    rows = await keeper.rows(
        "select at, file_name, before, after from dashboard.shared_rule_history(%s)", [viewer.partner_id]
    )
    return [
        Change(row["at"], _of_line(row["file_name"], row["before"]), _of_line(row["file_name"], row["after"]))
        for row in rows
    ]


def rules_now(changes: Sequence[Change]) -> dict[str, Rule]:
    """What stands after all changes, by rule_id: in force, not yet, or ended."""
    found: dict[str, Rule] = {}
    for change in changes:
        if isinstance(change.before, Rule):
            found.pop(change.before.rule_id, None)
        if isinstance(change.after, Rule):
            found[change.after.rule_id] = change.after
    return found


async def partner_names(keeper: Reader) -> dict[str, str]:
    rows = await keeper.rows("select partner_id, partner_name from registry.partners")
    return {row["partner_id"]: row["partner_name"] for row in rows}


def in_words(one: Rule | Limit, words: Vocabulary, partners: Mapping[str, str]) -> str:
    """As sharing_terms says it (models/sharing/rules_in_words.sql); a test holds both against each other."""
    if isinstance(one, Limit):
        return (
            f"You receive what others share only while you gave at least {_many(one.min_answers, 'answer')} in"
            f" {_many(one.window_days, 'day')}."
        )
    verb = "You share" if one.effect == "share" else "You do not share"
    recipient = _GROUPS.get(one.recipient) or partners.get(one.recipient, "a group of partners")
    return f"{verb} {what(one, words)} with {recipient}{_form(one)}."


def what(rule: Rule, words: Vocabulary) -> str:
    """Answers about … for … of voters in … by …."""
    parts = [_SUBJECTS.get(rule.subject, "answers and contact attempts")]
    if rule.question_code != "*":
        parts.append(f"about {words.questions.get(rule.question_code, rule.question_code).lower()}")
    if rule.office_level != "*":
        parts.append(f"for {rule.office_level.replace('_', ' ')}")
    if rule.state != "*":
        parts.append(f"of voters in {rule.state}")
    if rule.channel != "*":
        parts.append(f"by {rule.channel}")
    return " ".join(parts)


def _form(rule: Rule) -> str:
    if rule.effect != "share":
        return ""
    name = "with" if rule.attribution == "named" else "without"
    later = f", {rule.embargo_days} days after the contact" if rule.embargo_days else ""
    return f", {name} the contributor's name, dated to {_PRECISIONS[rule.date_precision]}{later}"


def _of_line(file_name: str, line: Mapping[str, Any] | None) -> Rule | Limit | None:
    if line is None:
        return None
    if file_name == "give_to_get":
        return Limit(int(line["window_days"]), int(line["min_answers"]))
    return Rule.of_line(line)


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
