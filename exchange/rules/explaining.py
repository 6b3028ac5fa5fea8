"""Why a recipient sees what it sees of a contributor: by rule, and by class of rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from exchange.registry import Registry, SharingRule
from exchange.rules.facts import DayCount, class_counts, snapshot
from exchange.rules.judging import Form, Outcome, RowClass, Subject, Validity, Verdict, validity_on
from exchange.rules.parties import Parties, Question, question


@dataclass(frozen=True)
class RuleOfPair:
    """Grain: one rule about the pair, in force or not, in registry order.

    responses, contacts: the contributor's rows of the recipient's states that it matches, embargo or not.
    """

    rule: SharingRule
    validity: Validity
    responses: int
    contacts: int


@dataclass(frozen=True)
class ShareOfClass:
    """Grain: one class of the contributor's rows and what the rules say of some of them, by the same rules.

    nameable: of the rows, about people whom the recipient's views can name. visible_from: of embargoed rows the first
    day on which one of them is shown.
    """

    row_class: RowClass
    outcome: Outcome
    form: Form | None
    rule_ids: tuple[str, ...]
    rows: int
    nameable: int
    first_on: date
    last_on: date
    visible_from: date | None


@dataclass(frozen=True)
class Total:
    """All rows of one subject. nameable: of the visible ones, about people whom the recipient's views can name."""

    rows: int
    visible: int
    nameable: int


@dataclass(frozen=True)
class PairExplained:
    """Everything between one recipient and one contributor."""

    parties: Parties
    rules: list[RuleOfPair]
    classes: list[ShareOfClass]

    def total(self, subject: Subject) -> Total:
        shares = [share for share in self.classes if share.row_class.subject == subject]
        visible = [share for share in shares if share.form is not None]
        return Total(
            rows=sum(share.rows for share in shares),
            visible=sum(share.rows for share in visible),
            nameable=sum(share.nameable for share in visible),
        )


def explain_pair(
    connection: Connection[Any], registry: Registry, recipient_id: str, contributor_id: str
) -> PairExplained:
    """Judge every live row of the contributor for the recipient. Raises ExchangeError for unknown partners."""
    with snapshot(connection):
        asked = question(connection, registry, recipient_id, contributor_id)
        counts = class_counts(connection, contributor_id, asked.recipient)
    return PairExplained(asked.parties, _rules(asked, counts), _classes(asked, counts))


def _rules(asked: Question, counts: dict[RowClass, list[DayCount]]) -> list[RuleOfPair]:
    matched: Counter[tuple[str, str]] = Counter()
    for row_class, days in counts.items():
        judgement = asked.ruleset.judge(asked.recipient, row_class)
        for match in judgement.matches if judgement.is_in_states else ():
            if not match.mismatches:
                matched[match.rule.rule_id, row_class.subject] += sum(day.rows for day in days)
    return [
        RuleOfPair(
            rule=rule,
            validity=validity_on(rule, asked.parties.today),
            responses=matched[rule.rule_id, "responses"],
            contacts=matched[rule.rule_id, "contacts"],
        )
        for rule in asked.ruleset.candidates(asked.recipient.partner_id, asked.contributor_id)
    ]


def _classes(asked: Question, counts: dict[RowClass, list[DayCount]]) -> list[ShareOfClass]:
    shares = []
    for row_class, days in counts.items():
        judgement = asked.ruleset.judge(asked.recipient, row_class)
        alike: dict[tuple[Outcome, Form | None, tuple[str, ...]], list[tuple[DayCount, Verdict]]] = defaultdict(list)
        for day in days:
            verdict = judgement.verdict(day.contact_on)
            alike[verdict.outcome, verdict.form, verdict.rule_ids].append((day, verdict))
        shares += [_share(row_class, judged) for judged in alike.values()]
    return shares


def _share(row_class: RowClass, judged: list[tuple[DayCount, Verdict]]) -> ShareOfClass:
    """judged: days of one class, in order, of which the rules say the same."""
    days = [day for day, _ in judged]
    verdict = judged[0][1]
    return ShareOfClass(
        row_class=row_class,
        outcome=verdict.outcome,
        form=verdict.form,
        rule_ids=verdict.rule_ids,
        rows=sum(day.rows for day in days),
        nameable=sum(day.nameable for day in days),
        first_on=days[0].contact_on,
        last_on=days[-1].contact_on,
        visible_from=min((each.visible_from for _, each in judged if each.visible_from), default=None),
    )
