"""May a recipient see rows of a class, in which form, and why (not)? docs/sharing-rules.md, without a database.

The same semantics as models/sharing; a test holds this module against an independent oracle.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from exchange.registry import Partner, SharingRule
from exchange.registry.rows import EVERY

Subject = Literal["responses", "contacts"]
Precision = Literal["day", "month", "two_months"]
Validity = Literal["in_force", "not_yet", "ended"]
Outcome = Literal["own", "visible", "outside_states", "withheld", "below_limit", "embargoed", "not_in_force", "no_rule"]

SUBJECTS: tuple[Subject, ...] = ("responses", "contacts")
# the finest first
PRECISIONS: tuple[Precision, ...] = ("day", "month", "two_months")
# what a rule says of a row besides its parties
CLASS_FIELDS = ("subject", "question_code", "office_level", "state", "channel")
# an embargo of more than 100 years is for ever, and a date must stay a date
_LONGEST_EMBARGO = 36_500


@dataclass(frozen=True)
class RowClass:
    """All that rules look at but the contact date. question_code and office_level: None where the row has none."""

    contributor: str
    subject: Subject
    question_code: str | None
    office_level: str | None
    state: str
    channel: str


@dataclass(frozen=True)
class Form:
    """How a visible row is shown."""

    named: bool
    date_precision: Precision

    def window(self, contact_on: date) -> tuple[date, date]:
        """First and last day of what is shown for a contact date."""
        if self.date_precision == "day":
            return contact_on, contact_on
        months = 1 if self.date_precision == "month" else 2
        first = contact_on.replace(month=(contact_on.month - 1) // months * months + 1, day=1)
        # 31 days of each month lead into the one after, never past its end
        following = (first + timedelta(days=31 * months)).replace(day=1)
        return first, following - timedelta(days=1)


# (latest contact date, form), the earliest first: a row has the form of the first date that is not before its own, and
# is hidden if there is none. Between two of the dates no embargo ends, so all rows are alike.
Steps = tuple[tuple[date, Form], ...]
OWN_FORM = Form(named=True, date_precision="day")


@dataclass(frozen=True)
class Mismatch:
    """Grain: one field in which a rule does not match a row. row: None where the row has no such value."""

    field: str
    rule: str
    row: str | None


@dataclass(frozen=True)
class RuleMatch:
    """Grain: one rule about the pair and one class of rows."""

    rule: SharingRule
    validity: Validity
    mismatches: tuple[Mismatch, ...]

    @property
    def counts(self) -> bool:
        return self.validity == "in_force" and not self.mismatches

    def shows_until(self, today: date) -> date:
        """The latest contact date that the rule's embargo lets through today."""
        return today - timedelta(days=min(self.rule.embargo_days or 0, _LONGEST_EMBARGO))

    def embargo_ends_on(self, contact_on: date) -> date | None:
        """The first day on which the rule shows a row of this date; None if it never does, or has ended by then."""
        embargo = self.rule.embargo_days or 0
        if embargo > _LONGEST_EMBARGO:
            return None
        if contact_on > date.max - timedelta(days=embargo):
            return None
        first = contact_on + timedelta(days=embargo)
        return None if self.rule.valid_until and first > self.rule.valid_until else first


@dataclass(frozen=True)
class Verdict:
    """What the rules say of one row. form: None if it is hidden. rule_ids: the rules that decide, in registry order.

    visible_from: of an embargoed row the first day on which a rule of today shows it, if one does.
    """

    outcome: Outcome
    form: Form | None = None
    rule_ids: tuple[str, ...] = ()
    visible_from: date | None = None


@dataclass(frozen=True)
class Judgement:
    """Grain: one recipient and one class of rows. matches: every rule about the pair, in registry order.

    is_below_limit: the recipient gave too little to be shown others' rows, whatever the rules.
    """

    row_class: RowClass
    today: date
    is_own: bool
    is_in_states: bool
    is_below_limit: bool
    matches: tuple[RuleMatch, ...]

    def verdict(self, contact_on: date) -> Verdict:
        """What the rules say of a row of this class with this contact date."""
        if self.is_own:
            return Verdict("own", OWN_FORM)
        if not self.is_in_states:
            return Verdict("outside_states")
        counting = [match for match in self.matches if match.counts]
        withholding = [match for match in counting if match.rule.effect == "withhold"]
        if withholding:
            return Verdict("withheld", rule_ids=_ids(withholding))
        showing = [match for match in counting if contact_on <= match.shows_until(self.today)]
        if showing and self.is_below_limit:
            return Verdict("below_limit", rule_ids=_ids(showing))
        if showing:
            return Verdict("visible", _most_generous(showing), _ids(showing))
        if counting:
            ends = [end for match in counting if (end := match.embargo_ends_on(contact_on))]
            return Verdict("embargoed", rule_ids=_ids(counting), visible_from=min(ends, default=None))
        out_of_date = [match for match in self.matches if not match.mismatches]
        return Verdict("not_in_force" if out_of_date else "no_rule", rule_ids=_ids(out_of_date))

    def form(self, contact_on: date) -> Form | None:
        return self.verdict(contact_on).form

    def steps(self) -> Steps:
        """The form of every contact date at once."""
        turning_days = sorted({match.shows_until(self.today) for match in self.matches if match.counts})
        return tuple((day, form) for day in turning_days if (form := self.form(day)) is not None)


def judge(
    candidates: list[SharingRule],
    recipient: Partner,
    row_class: RowClass,
    today: date,
    *,
    is_below_limit: bool = False,
) -> Judgement:
    """Judge a class. candidates: the rules whose contributor and recipient cover the pair (Ruleset.candidates)."""
    return Judgement(
        row_class=row_class,
        today=today,
        is_own=row_class.contributor == recipient.partner_id,
        is_in_states=covers_state(recipient, row_class.state),
        is_below_limit=is_below_limit,
        matches=tuple(
            RuleMatch(rule, validity_on(rule, today), tuple(_mismatches(rule, row_class))) for rule in candidates
        ),
    )


def validity_on(rule: SharingRule, today: date) -> Validity:
    if rule.valid_from and today < rule.valid_from:
        return "not_yet"
    return "ended" if rule.valid_until and rule.valid_until < today else "in_force"


def covers_state(recipient: Partner, state: str) -> bool:
    """Blank states cover nothing: a partner is shown a state because its line says so."""
    return recipient.states == EVERY or state in (recipient.states or "").split(" ")


def matches(rule: SharingRule, row_class: RowClass) -> bool:
    """Whether a rule matches a class, whoever its parties are."""
    return not _mismatches(rule, row_class)


def _mismatches(rule: SharingRule, row_class: RowClass) -> list[Mismatch]:
    return [
        Mismatch(field, wanted, value)
        for field in CLASS_FIELDS
        if (wanted := getattr(rule, field)) != EVERY and wanted != (value := getattr(row_class, field))
    ]


def _most_generous(matches: list[RuleMatch]) -> Form:
    precisions = {match.rule.date_precision for match in matches}
    return Form(
        named=any(match.rule.attribution == "named" for match in matches),
        date_precision=next(precision for precision in PRECISIONS if precision in precisions),
    )


def _ids(matches: list[RuleMatch]) -> tuple[str, ...]:
    return tuple(match.rule.rule_id for match in matches)
