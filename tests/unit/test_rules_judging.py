"""Judging a row by the rules equals the oracle, whatever the rules; and the reasons it gives are the true ones."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from exchange.registry import Partner, SharingRule
from exchange.rules.judging import Form, Judgement, RowClass, Verdict, judge
from tests.oracle.moments import window
from tests.oracle.rules import visible_form
from tests.random_rules import TODAY, RandomRegistry, days, oracle_partner, registries, row_classes, shared_row

RECIPIENT = Partner(partner_id="bob", side="coordinated", states="NC", is_active=True)
ROW = RowClass("ann", "responses", "candidate_support", "governor", "NC", "door")
EVERYTHING = {"subject": "*", "question_code": "*", "office_level": "*", "state": "*", "channel": "*"}


def rule(rule_id: str, **cells: Any) -> SharingRule:
    share = {"effect": "share", "contributor": "ann", "recipient": "bob", "attribution": "blind"}
    return SharingRule(rule_id=rule_id, **{**share, "date_precision": "month", **EVERYTHING, **cells})


def judged(*rules: SharingRule, row: RowClass = ROW) -> Judgement:
    return judge(list(rules), RECIPIENT, row, TODAY)


@settings(max_examples=300, deadline=None)
@given(registry=registries(), row_class=row_classes(), contact_on=days)
def test_every_row_is_visible_as_the_oracle_says(
    registry: RandomRegistry, row_class: RowClass, contact_on: date
) -> None:
    """Would have caught a group that holds the exchange, an embargo counted from today, a `*` that asks for a value."""
    row, ruleset, of_oracle = shared_row(row_class, contact_on), registry.ruleset, registry.of_oracle
    for recipient in registry.partners[1:]:
        given_by = registry.given[recipient.partner_id]
        expected = visible_form(row, oracle_partner(recipient), of_oracle, TODAY, given_by)
        found = ruleset.judge(recipient, row_class).form(contact_on)
        assert (found and (found.named, found.date_precision)) == (
            expected and (expected.named, expected.date_precision)
        )


@settings(max_examples=60, deadline=None)
@given(registry=registries(), row_class=row_classes())
def test_the_steps_of_a_class_give_every_day_its_form(registry: RandomRegistry, row_class: RowClass) -> None:
    """What a comparison counts rows by. Asked in one ruleset for all recipients, as a comparison does."""
    ruleset = registry.ruleset
    for recipient in registry.partners[1:]:
        judgement = ruleset.judge(recipient, row_class)
        if judgement.is_own:
            continue
        steps = ruleset.steps(recipient, row_class)
        for day in (TODAY + timedelta(offset) for offset in range(-80, 5)):
            assert judgement.form(day) == next((form for until, form in steps if day <= until), None)


@given(contact_on=days)
def test_dates_are_blurred_as_the_oracle_does(contact_on: date) -> None:
    for precision in ("day", "month", "two_months"):
        assert Form(True, precision).window(contact_on) == window(contact_on, precision)


def test_the_pair_of_months_at_the_end_of_a_year_ends_with_it() -> None:
    assert Form(False, "two_months").window(date(2027, 12, 31)) == (date(2027, 11, 1), date(2027, 12, 31))
    assert Form(False, "two_months").window(date(2028, 2, 29)) == (date(2028, 1, 1), date(2028, 2, 29))


def test_a_visible_row_names_every_rule_that_shows_it_and_takes_the_most_generous_form() -> None:
    judgement = judged(
        rule("named", attribution="named", date_precision="two_months"),
        rule("fine", date_precision="day", embargo_days=3),
        rule("other_channel", channel="text", attribution="named", date_precision="day"),
    )
    assert judgement.verdict(TODAY) == Verdict("visible", Form(True, "two_months"), ("named",))
    assert judgement.verdict(TODAY - timedelta(3)) == Verdict("visible", Form(True, "day"), ("named", "fine"))


def test_a_withheld_row_names_the_rules_that_hide_it_and_not_those_that_would_show_it() -> None:
    judgement = judged(rule("r1"), rule("r2", effect="withhold", state="NC"), rule("r3", effect="withhold", state="GA"))
    assert judgement.verdict(TODAY) == Verdict("withheld", rule_ids=("r2",))


def test_a_withhold_has_no_embargo() -> None:
    assert judged(rule("r1"), rule("r2", effect="withhold", embargo_days=30)).verdict(TODAY).outcome == "withheld"


def test_an_embargoed_row_tells_the_first_day_on_which_a_rule_shows_it() -> None:
    judgement = judged(rule("r1", embargo_days=30), rule("r2", embargo_days=10))
    assert judgement.verdict(TODAY - timedelta(9)) == Verdict(
        "embargoed", rule_ids=("r1", "r2"), visible_from=TODAY + timedelta(1)
    )
    assert judgement.verdict(TODAY - timedelta(10)).rule_ids == ("r2",)


@pytest.mark.parametrize("cells", [{"valid_until": TODAY + timedelta(5)}, {"embargo_days": 10**17}])
def test_an_embargo_that_outlives_its_rule_has_no_last_day(cells: dict[str, Any]) -> None:
    assert judged(rule("r1", **{"embargo_days": 30, **cells})).verdict(TODAY) == Verdict("embargoed", rule_ids=("r1",))


@pytest.mark.parametrize(
    ("cells", "validity", "counts"),
    [
        ({"valid_from": TODAY}, "in_force", True),
        ({"valid_until": TODAY}, "in_force", True),
        ({"valid_from": TODAY + timedelta(1)}, "not_yet", False),
        ({"valid_until": TODAY - timedelta(1)}, "ended", False),
    ],
)
def test_both_days_of_a_rule_are_in_force(cells: dict[str, Any], validity: str, counts: bool) -> None:
    [match] = judged(rule("r1", **cells)).matches
    assert (match.validity, match.counts) == (validity, counts)


def test_a_row_without_rule_in_force_names_those_that_would_match() -> None:
    ended = rule("ended", valid_until=TODAY - timedelta(1))
    other = rule("other", valid_until=TODAY - timedelta(1), channel="text")
    assert judged(ended, other).verdict(TODAY) == Verdict("not_in_force", rule_ids=("ended",))
    assert judged(other).verdict(TODAY) == Verdict("no_rule")


def test_a_mismatch_tells_what_the_rule_says_and_what_the_row_has() -> None:
    contact = RowClass("ann", "contacts", None, None, "NC", "door")
    [match] = judged(rule("r1", question_code="turnout_intent", office_level="governor"), row=contact).matches
    assert [(each.field, each.rule, each.row) for each in match.mismatches] == [
        ("question_code", "turnout_intent", None),
        ("office_level", "governor", None),
    ]


def test_states_come_before_rules_and_own_rows_before_both() -> None:
    georgia = RowClass("ann", "responses", "candidate_support", None, "GA", "door")
    assert judged(rule("r1"), row=georgia).verdict(TODAY) == Verdict("outside_states")
    own = RowClass("bob", "responses", "candidate_support", None, "GA", "door")
    assert judged(row=own).verdict(TODAY) == Verdict("own", Form(True, "day"))


def test_blank_states_cover_nothing() -> None:
    nowhere = Partner(partner_id="bob", states=None, is_active=True)
    assert judge([rule("r1")], nowhere, ROW, TODAY).verdict(TODAY) == Verdict("outside_states")
