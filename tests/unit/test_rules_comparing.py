"""A comparison of two registries counts every row once, as judging one row after another would."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.registry import Registry, load_registry
from exchange.rules.audiences import audience_count
from exchange.rules.changes import registry_changes
from exchange.rules.comparing import Tally, differences
from exchange.rules.facts import DayCount
from exchange.rules.judging import Form, Precision, RowClass
from exchange.rules.ruleset import Ruleset
from tests.oracle.rules import visible_form
from tests.random_rules import TODAY, RandomRegistry, days, oracle_partner, registries, row_classes, shared_row
from tests.registry_files import GOOD, write_registry

IN_2026 = date(2026, 10, 15)


@st.composite
def counted_classes(draw: st.DrawFn) -> dict[RowClass, list[DayCount]]:
    classes = draw(st.lists(row_classes(), min_size=1, max_size=5, unique=True))
    return {
        row_class: [
            DayCount(day, draw(st.integers(1, 9)), 0)
            for day in sorted(draw(st.lists(days, min_size=1, max_size=6, unique=True)))
        ]
        for row_class in classes
    }


def visible_by_oracle(
    registry: RandomRegistry, recipient_id: str, row_class: RowClass, contact_on: date
) -> Form | None:
    recipient = next(partner for partner in registry.partners if partner.partner_id == recipient_id)
    if not recipient.is_active:
        return None
    row = shared_row(row_class, contact_on)
    found = visible_form(row, oracle_partner(recipient), registry.of_oracle, TODAY, registry.given[recipient_id])
    return Form(found.named, cast(Precision, found.date_precision)) if found else None


@settings(max_examples=120, deadline=None)
@given(before=registries(), after=registries(), counts=counted_classes())
def test_gained_lost_and_reformed_rows_are_those_that_the_oracle_counts_one_by_one(
    before: RandomRegistry, after: RandomRegistry, counts: dict[RowClass, list[DayCount]]
) -> None:
    """Would have caught rows of inactive recipients, and counts shared by recipients whose rules only look alike."""
    expected: dict[tuple[str, str, str], Tally] = {}
    for recipient in before.partners[1:]:
        for row_class, days_of_class in counts.items():
            key = recipient.partner_id, row_class.contributor, row_class.subject
            if recipient.partner_id == row_class.contributor:
                continue
            for day in days_of_class:
                old = visible_by_oracle(before, recipient.partner_id, row_class, day.contact_on)
                new = visible_by_oracle(after, recipient.partner_id, row_class, day.contact_on)
                expected.setdefault(key, Tally()).add(old, new, day.rows)
    found = {
        (pair.recipient, pair.contributor, pair.subject): pair.tally
        for pair in differences(before.ruleset, after.ruleset, counts)
    }
    assert found == {key: tally for key, tally in expected.items() if tally.before or tally.after}
    for tally in found.values():
        assert tally.after == tally.before + tally.gained - tally.lost


def test_a_row_that_stays_in_another_form_is_neither_gained_nor_lost() -> None:
    tally, blind, named = Tally(), Form(False, "month"), Form(True, "day")
    for old, new, rows in ((blind, named, 3), (blind, blind, 2), (None, named, 4), (named, None, 1), (None, None, 9)):
        tally.add(old, new, rows)
    assert tally == Tally(before=6, after=9, gained=4, lost=1, reformed=Counter({(blind, named): 3}))


def loaded(folder: Path, **changed: str) -> Registry:
    return load_registry(write_registry(folder, **changed))


def test_equal_registries_differ_in_nothing(tmp_path: Path) -> None:
    one = loaded(tmp_path / "one")
    # the order of lines means nothing
    header, *lines = GOOD["sharing_rules.csv"].splitlines()
    other = loaded(tmp_path / "other", sharing_rules="\n".join([header, *reversed(lines), ""]))
    changes = registry_changes(one, other, IN_2026)
    assert changes.is_empty and changes.other_files == []


def test_every_change_of_who_shares_is_told(tmp_path: Path) -> None:
    before = loaded(tmp_path / "before")
    rules = GOOD["sharing_rules.csv"].replace("2026-12-31,MOU 1", "2026-06-30,MOU 1").splitlines()[:-1]
    rules.append("r9,share,pa_party,gov_campaign,*,*,*,*,*,0,named,day,2027-01-01,,")
    after = loaded(
        tmp_path / "after",
        sharing_rules="\n".join([*rules, ""]),
        partners=GOOD["partners.csv"].replace("ids,NC,false", "ids,NC,true"),
        partner_groups=GOOD["partner_groups.csv"].replace("soft,mail_votes", "soft,door_group"),
        candidates=GOOD["candidates.csv"].replace("Cy Fox", "Cyd Fox"),
    )
    changes = registry_changes(before, after, IN_2026)
    assert [(change.key, change.kind, change.validity) for change in changes.rules] == [
        ("r1", "changed", "ended"),
        ("r4", "removed", "in_force"),
        ("r9", "added", "not_yet"),
    ]
    assert changes.rules[0].columns == {"valid_until": (date(2026, 12, 31), date(2026, 6, 30))}
    assert [(change.key, change.columns) for change in changes.partners] == [
        ("door_group", {"is_active": (False, True)})
    ]
    assert changes.memberships_added == [("soft", "door_group")]
    assert changes.memberships_removed == [("soft", "mail_votes")]
    assert changes.other_files == ["candidates.csv"]
    assert not changes.is_empty


def test_partners_with_the_same_permissions_are_one_audience_and_contributors_have_their_own(tmp_path: Path) -> None:
    header = GOOD["partners.csv"].splitlines()[0]
    twins = [
        "p1,,independent,organization,p_000001,dwid,,ids,*,true",
        "p2,,independent,organization,p_000002,dwid,,ids,*,true",
    ]
    lines = [header, "exchange,,,,,,,,,", "giver,,independent,campaign,p_000003,dwid,,ids,*,true", *twins, ""]
    rules_header = GOOD["sharing_rules.csv"].splitlines()[0]
    registry = loaded(
        tmp_path / "twins",
        partners="\n".join(lines),
        partner_groups="group_id,partner_id\n",
        feeds=GOOD["feeds.csv"].splitlines()[0] + "\n",
        answer_map=GOOD["answer_map.csv"].splitlines()[0] + "\n",
        sharing_rules=f"{rules_header}\nr1,share,giver,*,*,*,*,*,*,0,named,day,,,\n",
    )
    ruleset = Ruleset.of(registry, IN_2026, given={})
    assert audience_count(registry, ruleset, delivered={"giver"}) == 2
    # a twin that once delivered sees its own rows: no longer the same audience
    assert audience_count(registry, ruleset, delivered={"giver", "p1"}) == 3
    # a rule that is about one of them parts them: not before it is in force, nor while its contributor has no rows
    late = [*registry.sharing_rules, registry.sharing_rules[0].model_copy(update={"rule_id": "r2", "recipient": "p1"})]
    with_late = replace(ruleset, rules=late, members={**ruleset.members, "p1": {"p1"}})
    assert audience_count(registry, with_late, delivered={"giver"}) == 3
    assert audience_count(registry, with_late, delivered=set()) == 2
    late[1] = late[1].model_copy(update={"valid_from": date(2027, 1, 1)})
    assert audience_count(registry, with_late, delivered={"giver"}) == 2
