"""Who gains and who loses which rows if one registry takes the place of another: judged on the facts of today."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import accumulate, pairwise
from typing import Any

from psycopg import Connection

from exchange.registry import Partner, Registry
from exchange.rules.audiences import audience_count
from exchange.rules.changes import RegistryChanges, registry_changes
from exchange.rules.facts import DayCount, class_counts, contributors, given_answers, newest_refresh, snapshot
from exchange.rules.judging import SUBJECTS, Form, RowClass, Steps, Subject
from exchange.rules.ruleset import Ruleset


@dataclass
class Tally:
    """Rows of one contributor and subject for one recipient. reformed: (form before, form after) -> rows."""

    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0
    reformed: Counter[tuple[Form, Form]] = field(default_factory=Counter)

    def add(self, before: Form | None, after: Form | None, rows: int) -> None:
        if not rows:
            return
        self.before += rows if before else 0
        self.after += rows if after else 0
        if before and not after:
            self.lost += rows
        elif after and not before:
            self.gained += rows
        elif before and after and before != after:
            self.reformed[before, after] += rows

    @property
    def is_changed(self) -> bool:
        return bool(self.gained or self.lost or self.reformed)


@dataclass(frozen=True)
class PairDifference:
    """Grain: one recipient, contributor and subject of which rows are visible before or after."""

    recipient: str
    contributor: str
    subject: Subject
    tally: Tally


@dataclass(frozen=True)
class Comparison:
    """What a change of registry does to the rows that the warehouse has. today: the day both are judged at.

    below_before, below_after: the recipients that gave less than a give-to-get limit asks for, who see only own rows.
    """

    refresh_id: int
    today: date
    pairs: list[PairDifference]
    changes: RegistryChanges
    audiences_before: int
    audiences_after: int
    below_before: list[str]
    below_after: list[str]

    @property
    def is_empty(self) -> bool:
        return self.changes.is_empty and not any(pair.tally.is_changed for pair in self.pairs)


def compare(connection: Connection[Any], before: Registry, after: Registry, today: date | None = None) -> Comparison:
    """Judge all live rows by both registries. today: another day than that of the newest refresh.

    Own rows are left out: no rule is needed to see them.
    """
    with snapshot(connection):
        refresh = newest_refresh(connection)
        counts = class_counts(connection)
        delivered = contributors(connection)
        given = given_answers(connection)
    today = today or refresh.today
    rulesets = Ruleset.of(before, today, given), Ruleset.of(after, today, given)
    return Comparison(
        refresh_id=refresh.refresh_id,
        today=today,
        pairs=list(differences(*rulesets, counts)),
        changes=registry_changes(before, after, today),
        audiences_before=audience_count(before, rulesets[0], delivered),
        audiences_after=audience_count(after, rulesets[1], delivered),
        below_before=rulesets[0].below_limits,
        below_after=rulesets[1].below_limits,
    )


def differences(before: Ruleset, after: Ruleset, counts: dict[RowClass, list[DayCount]]) -> Iterator[PairDifference]:
    """Every pair and subject of which some row is visible before or after, in order of recipient and contributor."""
    of_contributor: dict[str, list[tuple[RowClass, Days]]] = {}
    for row_class, days in counts.items():
        of_contributor.setdefault(row_class.contributor, []).append((row_class, Days(days)))
    known: dict[object, dict[Subject, Tally]] = {}
    for recipient_id in sorted({partner.partner_id for side in (before, after) for partner in side.recipients}):
        for contributor_id in sorted(of_contributor.keys() - {recipient_id}):
            # partners under the same rules see the same rows: they are counted once
            permission = contributor_id, *(_permission(side, recipient_id, contributor_id) for side in (before, after))
            if permission not in known:
                known[permission] = _tallies(before, after, recipient_id, of_contributor[contributor_id])
            for subject, tally in known[permission].items():
                if tally.before or tally.after:
                    yield PairDifference(recipient_id, contributor_id, subject, tally)


class Days:
    """Rows of one class by contact date."""

    def __init__(self, days: list[DayCount]) -> None:
        self._dates = [day.contact_on for day in days]
        self._totals = [0, *accumulate(day.rows for day in days)]

    def between(self, after: date, until: date) -> int:
        """Rows dated later than `after`, and not later than `until`."""
        return self._totals[bisect_right(self._dates, until)] - self._totals[bisect_right(self._dates, after)]


def _permission(ruleset: Ruleset, recipient_id: str, contributor_id: str) -> object:
    recipient = _viewer(ruleset, recipient_id)
    if recipient is None:
        return None
    return recipient.states, tuple(rule.rule_id for rule in ruleset.candidates(recipient_id, contributor_id))


def _viewer(ruleset: Ruleset, partner_id: str) -> Partner | None:
    """The partner, if it can be shown others' rows at all."""
    partner = ruleset.partners.get(partner_id)
    if partner is None or not partner.is_active or ruleset.is_below_limit(partner_id):
        return None
    return partner


def _tallies(
    before: Ruleset, after: Ruleset, recipient_id: str, classes: list[tuple[RowClass, Days]]
) -> dict[Subject, Tally]:
    tallies = {subject: Tally() for subject in SUBJECTS}
    viewers = _viewer(before, recipient_id), _viewer(after, recipient_id)
    for row_class, days in classes:
        old = before.steps(viewers[0], row_class) if viewers[0] else ()
        new = after.steps(viewers[1], row_class) if viewers[1] else ()
        for since, until, old_form, new_form in _intervals(old, new):
            tallies[row_class.subject].add(old_form, new_form, days.between(since, until))
    return tallies


@cache
def _intervals(old: Steps, new: Steps) -> list[tuple[date, date, Form | None, Form | None]]:
    """The intervals of contact dates in which some row is visible: later than, not later than, both forms."""
    turns = sorted({date.min, *(day for day, _ in (*old, *new))})
    return [(since, until, _form(old, until), _form(new, until)) for since, until in pairwise(turns)]


def _form(steps: Steps, contact_on: date) -> Form | None:
    return next((form for day, form in steps if contact_on <= day), None)
