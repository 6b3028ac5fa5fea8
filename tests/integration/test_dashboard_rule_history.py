"""How the rules about a partner's own rows came to be: replayed from the audit, and of nobody else's rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from exchange.audit.log import record
from exchange.settings import Settings
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import connect
from exchange.warehouse.rule_history import FUNCTION
from tests.servers import fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

# rule -> contributor, recipient
RULES = {
    "for_all": ("*", "*"),
    "own": ("ann", "bob"),
    "of_side": ("group:coordinated", "group:independent"),
    "of_other_side": ("group:independent", "*"),
    "to_me_of_all": ("*", "ann"),
    "to_my_group_of_all": ("*", "group:only_ann"),
    "of_table": ("group:table", "group:table"),
    "others": ("bob", "cat"),
}
PARTNERS = {"ann": "coordinated", "bob": "independent", "cat": "independent"}
GROUPS = (("only_ann", "ann"), ("table", "bob"), ("table", "cat"))


def line(rule_id: str, contributor: str, recipient: str, **more: Any) -> dict[str, Any]:
    return {"rule_id": rule_id, "contributor": contributor, "recipient": recipient, "embargo_days": 0, **more}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An audit of four refreshes: all lines; ann joins the table; rules change hands and form; ann leaves."""
    ann_at_table = {"group_id": "table", "partner_id": "ann"}
    events: list[dict[str, Any]] = [
        {
            "partners": {"added": {p: {"partner_id": p, "side": side} for p, side in PARTNERS.items()}},
            "partner_groups": {"added": {f"{g}/{p}": {"group_id": g, "partner_id": p} for g, p in GROUPS}},
            "sharing_rules": {"added": {rule: line(rule, *parties) for rule, parties in RULES.items()}},
            "give_to_get": {
                "added": {
                    "ann/30": {"partner": "ann", "window_days": 30, "min_answers": 10},
                    "bob/30": {"partner": "bob", "window_days": 30, "min_answers": 99},
                }
            },
        },
        {"partner_groups": {"added": {"table/ann": ann_at_table}}},
        {
            "sharing_rules": {
                "changed": {
                    "own": {"embargo_days": [0, 7]},
                    "others": {"contributor": ["bob", "ann"], "agreement": ["bob's own", "ann's now"]},
                    "for_all": {"contributor": ["*", "bob"]},
                },
                "removed": {"of_side": line("of_side", *RULES["of_side"])},
            },
            "give_to_get": {"changed": {"ann/30": {"min_answers": [10, 20]}}},
        },
        {"partner_groups": {"removed": {"table/ann": ann_at_table}}},
    ]
    with running_warehouse(fresh_settings(tmp_path_factory.mktemp("history"))) as settings:
        assert told(settings, "ann") == [], "before the first audit there is nothing"
        with connect(settings, autocommit=True) as admin:
            record(admin, "partner_suspended", partner_id="ann")
            for details in events:
                record(admin, "registry_changed", details=details)
        yield settings


def told(settings: Settings, partner: str) -> list[tuple[Any, ...]]:
    """As the dashboard asks."""
    with connect(settings, "web") as web:
        web.execute("set local role exchange_dashboard")
        return web.execute(
            f"select at, file_name, line_key, before, after from {FUNCTION}(%s) order by at, line_key", [partner]
        ).fetchall()


def by_refresh(settings: Settings, partner: str) -> list[dict[str, str]]:
    """Grain: one per refresh that changed something for the partner: line -> began, changed, ended."""
    found: dict[Any, dict[str, str]] = {}
    for at, _, key, before, after in told(settings, partner):
        kind = "began" if before is None else "ended" if after is None else "changed"
        found.setdefault(at, {})[key] = kind
    return list(found.values())


def test_a_partner_is_told_of_rules_about_its_own_rows_alone(warehouse: Settings) -> None:
    """Would have told who shares with ann, and what a table agreed before ann sat at it."""
    assert by_refresh(warehouse, "ann") == [
        dict.fromkeys(["for_all", "own", "of_side", "ann/30"], "began"),
        {"of_table": "began"},
        {"own": "changed", "others": "began", "for_all": "ended", "of_side": "ended", "ann/30": "changed"},
        {"of_table": "ended"},
    ]
    assert by_refresh(warehouse, "cat") == [
        dict.fromkeys(["for_all", "of_other_side", "of_table", "to_me_of_all", "to_my_group_of_all"], "began"),
        {"for_all": "ended"},
    ]


def test_a_rule_that_changed_hands_tells_nothing_of_the_hand_before(warehouse: Settings) -> None:
    [(before, after)] = [row[3:] for row in told(warehouse, "ann") if row[2] == "others"]
    assert before is None
    assert after == line("others", "ann", "cat", agreement="ann's now")
    ended = [row[3:] for row in told(warehouse, "ann") if row[2] == "for_all"]
    assert ended[-1] == (line("for_all", "*", "*"), None)
    assert "bob's own" not in str(told(warehouse, "ann"))


def test_changes_are_told_whole(warehouse: Settings) -> None:
    [_, (before, after)] = [row[3:] for row in told(warehouse, "ann") if row[2] == "own"]
    assert (before["embargo_days"], after["embargo_days"]) == (0, 7)
    assert {**before, "embargo_days": 7} == after
    limits = [row[4] for row in told(warehouse, "ann") if row[1] == "give_to_get"]
    assert [limit["min_answers"] for limit in limits] == [10, 20]


def test_who_is_nobody_is_told_of_everybody_s_rules_only(warehouse: Settings) -> None:
    assert {key for each in by_refresh(warehouse, "nobody") for key in each} == {
        "for_all",
        "to_me_of_all",
        "to_my_group_of_all",
    }


@pytest.mark.parametrize("role", [None, "exchange_operator"])
def test_only_the_dashboard_s_keeper_may_ask(warehouse: Settings, role: str | None) -> None:
    with connect(warehouse, "web") as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        if role is not None:
            web.execute(f"set local role {role}")
        web.execute(f"select * from {FUNCTION}('ann')")


def test_the_bootstrap_puts_it_right(warehouse: Settings) -> None:
    assert bootstrap(warehouse).applied == ()
    with connect(warehouse, autocommit=True) as admin:
        admin.execute(f"revoke all on function {FUNCTION}(text) from exchange_dashboard")
        admin.execute("update pg_proc set prosrc = 'begin return; end' where proname = 'shared_rule_history'")
    assert len(bootstrap(warehouse).applied) == 2
    assert told(warehouse, "ann")
