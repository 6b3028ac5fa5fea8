"""The give-to-get limit: what counts, what a recipient below it is told, and what a change of limits does."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from exchange.registry import GiveToGet, Partner, Registry, SharingRule, load_registry
from exchange.rules import wording
from exchange.rules.audiences import audience_count
from exchange.rules.changes import registry_changes
from exchange.rules.comparing import differences
from exchange.rules.facts import DayCount
from exchange.rules.giving import GivenAnswers, LimitOnPartner, given_within
from exchange.rules.judging import RowClass, judge
from exchange.rules.ruleset import Ruleset
from tests.registry_files import write_registry

TODAY = date(2026, 10, 15)
ROW = RowClass("pa_party", "responses", "candidate_support", "governor", "PA", "door")
OWN = RowClass("gov_campaign", "responses", "candidate_support", "governor", "PA", "door")
HEADER = "partner,window_days,min_answers\n"


def loaded(folder: Path, *lines: str) -> Registry:
    return load_registry(write_registry(folder, give_to_get=HEADER + "".join(f"{line}\n" for line in lines)))


def ruleset(folder: Path, given: GivenAnswers, *lines: str) -> Ruleset:
    return Ruleset.of(loaded(folder, *lines), TODAY, given)


@pytest.mark.parametrize(
    ("age", "window_days", "counts"), [(0, 1, True), (1, 1, False), (6, 7, True), (7, 7, False), (-1, 7, False)]
)
def test_the_window_holds_today_and_no_day_to_come(age: int, window_days: int, counts: bool) -> None:
    assert given_within({TODAY - timedelta(age): 4}, window_days, TODAY) == (4 if counts else 0)


def test_all_limits_that_mean_a_partner_must_be_met(tmp_path: Path) -> None:
    given = {"gov_campaign": {TODAY: 5}, "mail_votes": {TODAY: 9}}
    rules = ruleset(tmp_path, given, "group:all,30,5", "group:coordinated,30,6", "*,1,0")
    assert [(one.limit.partner, one.given, one.is_met) for one in rules.limits_on("gov_campaign")] == [
        ("group:all", 5, True),
        ("group:coordinated", 5, False),
        ("*", 5, True),
    ]
    assert rules.is_below_limit("gov_campaign")
    assert not rules.is_below_limit("mail_votes")
    # the inactive one has no views
    assert rules.below_limits == ["gov_campaign", "pa_party"]


def test_below_its_limit_a_recipient_sees_its_own_rows_and_is_told_which_rule_would_show_more(tmp_path: Path) -> None:
    below = ruleset(tmp_path, {}, "gov_campaign,30,1")
    recipient = below.partners["gov_campaign"]
    verdict = below.judge(recipient, ROW).verdict(TODAY)
    assert (verdict.outcome, verdict.form, verdict.rule_ids) == ("below_limit", None, ("r1", "r2"))
    assert below.steps(recipient, ROW) == ()
    assert below.judge(recipient, OWN).verdict(TODAY).outcome == "own"
    assert wording.verdict(verdict) == "hidden (below the give-to-get limit) by r1 and r2"
    # others are not touched by it
    assert below.judge(below.partners["mail_votes"], ROW).verdict(TODAY).outcome == "visible"
    met = ruleset(tmp_path, {"gov_campaign": {TODAY: 1}}, "gov_campaign,30,1")
    assert met.judge(recipient, ROW).verdict(TODAY).outcome == "visible"


def test_what_no_rule_would_show_anyway_is_not_laid_to_the_limit() -> None:
    everything = {"subject": "*", "question_code": "*", "office_level": "*", "state": "*", "channel": "*"}
    share = {"effect": "share", "contributor": "pa_party", "recipient": "gov_campaign", **everything}
    form = {"attribution": "blind", "date_precision": "month"}
    rule = SharingRule.model_validate({"rule_id": "r1", **share, **form, "embargo_days": 7})
    withhold = SharingRule.model_validate({"rule_id": "r2", **share, "effect": "withhold"})
    recipient = Partner(partner_id="gov_campaign", states="PA", is_active=True)
    judgement = judge([rule], recipient, ROW, TODAY, is_below_limit=True)
    assert judgement.verdict(TODAY).outcome == "embargoed"
    assert judgement.verdict(TODAY - timedelta(7)).outcome == "below_limit"
    withheld = judge([rule, withhold], recipient, ROW, TODAY, is_below_limit=True)
    assert withheld.verdict(TODAY - timedelta(7)).outcome == "withheld"
    assert judge([], recipient, ROW, TODAY, is_below_limit=True).verdict(TODAY).outcome == "no_rule"


def test_a_limit_says_in_words_what_is_asked_and_given() -> None:
    own = LimitOnPartner(GiveToGet(partner="ann", window_days=30, min_answers=1200), given=42)
    assert wording.limit(own, "ann") == (
        "ann must give 1,200 answers in 30 days and gave 42: too few, so no rule shows it rows of others."
    )
    of_group = LimitOnPartner(GiveToGet(partner="group:table", window_days=1, min_answers=1), given=1)
    assert wording.limit(of_group, "ann") == "ann must give 1 answer in 1 day (group:table) and gave 1: enough."


def test_a_changed_limit_gains_and_loses_rows_of_whom_it_means(tmp_path: Path) -> None:
    given = {"gov_campaign": {TODAY: 5}}
    before = ruleset(tmp_path / "before", given, "group:hard,30,5")
    after = ruleset(tmp_path / "after", given, "group:hard,30,6")
    counts = {ROW: [DayCount(TODAY, 3, 0)], OWN: [DayCount(TODAY, 5, 0)]}
    found = {(pair.recipient, pair.contributor): pair.tally for pair in differences(before, after, counts)}
    assert (found["gov_campaign", "pa_party"].lost, found["gov_campaign", "pa_party"].after) == (3, 0)
    # pa_party is of the group too and gave nothing: it saw nothing before either
    assert ("pa_party", "gov_campaign") not in found
    assert found["mail_votes", "pa_party"].after == 3


def test_changed_limits_are_told(tmp_path: Path) -> None:
    before = loaded(tmp_path / "before", "*,30,5", "mail_votes,7,1", "group:hard,7,1")
    after = loaded(tmp_path / "after", "group:hard,7,1", "*,30,6", "pa_party,7,1")
    changes = registry_changes(before, after, TODAY)
    assert [(one.key, one.kind, one.columns) for one in changes.limits] == [
        ("*, 30 days", "changed", {"min_answers": (5, 6)}),
        ("mail_votes, 7 days", "removed", {}),
        ("pa_party, 7 days", "added", {}),
    ]
    assert not changes.is_empty
    assert changes.other_files == []
    assert registry_changes(before, before, TODAY).is_empty


def test_who_reads_other_terms_is_another_audience(tmp_path: Path) -> None:
    """gov_campaign contributes; mail_votes too. Of those left pa_party alone is active: give it a twin."""
    registry = loaded(tmp_path / "none")
    twin = registry.partner("pa_party").model_copy(update={"partner_id": "twin", "share_schema": "p_9a1b2c"})
    registry.partners.append(twin)
    registry.sharing_rules.clear()

    def audiences(*limits: GiveToGet) -> int:
        registry.give_to_get[:] = limits
        return audience_count(registry, Ruleset.of(registry, TODAY, {}), delivered=set())

    def limit(partner: str, window_days: int, min_answers: int) -> GiveToGet:
        return GiveToGet(partner=partner, window_days=window_days, min_answers=min_answers)

    assert audiences() == 3
    assert audiences(limit("group:coordinated", 30, 1)) == 3
    assert audiences(limit("twin", 30, 1)) == 4
    # of two limits with one window the higher one is what both read
    assert audiences(limit("twin", 30, 1), limit("pa_party", 30, 1)) == 3
    assert audiences(limit("group:coordinated", 30, 2), limit("pa_party", 30, 1)) == 3
    assert audiences(limit("twin", 30, 1), limit("pa_party", 31, 1)) == 4
