"""Random sharing rules, partners and rows for Hypothesis, as the product and as the oracle write them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from exchange.registry import GiveToGet, Partner, PartnerGroup, SharingRule
from exchange.rules.judging import RowClass
from exchange.rules.ruleset import Ruleset
from tests.oracle import registry as oracle_registry
from tests.oracle.rules import SharedRow

TODAY = date(2026, 10, 15)
# coordinated, coordinated, independent, independent
PARTNER_IDS = ("ann", "bob", "cat", "dan")
TERMS = ("*", "group:all", "group:coordinated", "group:independent", "group:table", "exchange", *PARTNER_IDS)
QUESTIONS = ("candidate_support", "turnout_intent")
LEVELS = ("governor", "us_house")
CHANNELS = ("door", "text")
STATES = ("NC", "GA")
# the last is for ever
EMBARGOES = (None, 0, 1, 7, 30, 40_000)

days = st.integers(-70, 5).map(lambda offset: TODAY + timedelta(offset))
near_today = st.none() | st.integers(-2, 2).map(lambda offset: TODAY + timedelta(offset))


@dataclass(frozen=True)
class RandomRegistry:
    """The same partners, groups, rules and limits in both notations. given: partner -> day of each live answer."""

    partners: list[Partner]
    groups: list[PartnerGroup]
    rules: list[SharingRule]
    limits: list[GiveToGet]
    given: dict[str, list[date]]

    @property
    def ruleset(self) -> Ruleset:
        given = {partner_id: Counter(given_on) for partner_id, given_on in self.given.items()}
        return Ruleset.made_of(self.partners, self.groups, self.rules, TODAY, self.limits, given)

    @property
    def of_oracle(self) -> oracle_registry.Registry:
        return oracle_registry.Registry(
            partners={partner.partner_id: oracle_partner(partner) for partner in self.partners},
            groups={"table": frozenset(group.partner_id for group in self.groups)},
            feeds={},
            contests={},
            answer_map=[],
            rules=[_oracle_rule(rule) for rule in self.rules],
            limits=[oracle_registry.Limit(**limit.model_dump()) for limit in self.limits],
        )


def any_of(*values: str) -> st.SearchStrategy[str]:
    """One of the values, or `*`, which half of the rules of an exchange say."""
    return st.just("*") | st.sampled_from(values)


def rules(number: int, terms: st.SearchStrategy[str]) -> st.SearchStrategy[SharingRule]:
    return st.fixed_dictionaries(
        {
            "rule_id": st.just(f"r{number}"),
            # more shares than withholds: else hardly a row would be visible
            "effect": st.sampled_from(["share", "share", "share", "withhold"]),
            "contributor": terms,
            "recipient": terms,
            "subject": st.sampled_from(["responses", "contacts", "*"]),
            "question_code": any_of(*QUESTIONS),
            "office_level": any_of(*LEVELS),
            "state": any_of(*STATES),
            "channel": any_of(*CHANNELS),
            "embargo_days": st.sampled_from(EMBARGOES),
            "attribution": st.sampled_from(["blind", "named"]),
            "date_precision": st.sampled_from(["day", "month", "two_months"]),
            "valid_from": near_today,
            "valid_until": near_today,
        }
    ).map(SharingRule.model_validate)


@st.composite
def limits(draw: st.DrawFn) -> list[GiveToGet]:
    """Most registries have none. Windows and numbers near what is given, so that each is met as often as not."""
    whom = draw(st.lists(st.sampled_from(TERMS), max_size=2, unique=True)) if draw(st.integers(0, 2)) == 0 else []
    return [
        GiveToGet(
            partner=term,
            window_days=draw(st.sampled_from([1, 3, 30])),
            min_answers=draw(st.integers(0, 4)),
        )
        for term in whom
    ]


@st.composite
def registries(draw: st.DrawFn) -> RandomRegistry:
    """Up to eight rules about four partners; one group; states of every kind; some partners inactive; some limits."""
    partners = [
        Partner(
            partner_id=partner_id,
            side="coordinated" if number < 2 else "independent",
            states=draw(st.sampled_from(["*", "NC", "NC GA", None])),
            is_active=draw(st.sampled_from([True, True, True, False])),
        )
        for number, partner_id in enumerate(PARTNER_IDS)
    ]
    members = draw(st.lists(st.sampled_from(PARTNER_IDS), unique=True))
    # broad terms are drawn as often as narrow ones: of random pairs of names few would meet
    terms = st.sampled_from(TERMS[:5]) | st.sampled_from(TERMS)
    count = draw(st.integers(0, 8))
    return RandomRegistry(
        partners=[Partner(partner_id="exchange"), *partners],
        groups=[PartnerGroup(group_id="table", partner_id=member) for member in members],
        rules=[draw(rules(number, terms)) for number in range(count)],
        limits=draw(limits()),
        given={
            partner_id: draw(st.lists(st.integers(-31, 1).map(lambda age: TODAY + timedelta(age)), max_size=6))
            for partner_id in PARTNER_IDS
        },
    )


@st.composite
def row_classes(draw: st.DrawFn) -> RowClass:
    """Of a response, with an office level or without, or of a contact."""
    is_response = draw(st.booleans())
    return RowClass(
        contributor=draw(st.sampled_from(PARTNER_IDS)),
        subject="responses" if is_response else "contacts",
        question_code=draw(st.sampled_from(QUESTIONS)) if is_response else None,
        office_level=draw(st.none() | st.sampled_from(LEVELS)) if is_response else None,
        state=draw(st.sampled_from(STATES)),
        channel=draw(st.sampled_from(CHANNELS)),
    )


def shared_row(row_class: RowClass, contact_on: date) -> SharedRow:
    """The row as the oracle reads it."""
    return SharedRow(
        subject=row_class.subject,
        contributor=row_class.contributor,
        state=row_class.state,
        channel=row_class.channel,
        contact_on=contact_on,
        question_code=row_class.question_code,
        office_level=row_class.office_level,
    )


def oracle_partner(partner: Partner) -> oracle_registry.Partner:
    states = partner.states or ""
    return oracle_registry.Partner(
        partner_id=partner.partner_id,
        side=partner.side or "",
        share_schema="",
        id_namespace="",
        id_scope="",
        voter_fields="ids",
        states=None if states == "*" else frozenset(states.split()),
        is_active=bool(partner.is_active),
    )


def _oracle_rule(rule: SharingRule) -> oracle_registry.Rule:
    cells: dict[str, Any] = rule.model_dump(exclude={"attribution", "agreement"})
    cells["embargo_days"] = rule.embargo_days or 0
    return oracle_registry.Rule(**cells, named=rule.attribution == "named")
