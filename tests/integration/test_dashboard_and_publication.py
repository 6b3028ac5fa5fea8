"""A publication that changes a partner's views does not wait for the dashboard, and lets it in again afterwards."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors, sql

from exchange.warehouse.connection import connect
from exchange.warehouse.partner_roles import keep_out, let_back
from tests.dashboard_exchange import AS_OF, DashboardExchange, email, sign_in, site, sql_as
from tests.dashboard_pages import matching

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

PARTNER = "lopez_for_governor"


def reading(exchange: DashboardExchange, partner: str) -> psycopg.Connection[tuple[int]]:
    """A connection as the dashboard has it in mid request, with the partner's views locked by reading."""
    web = connect(exchange.settings, "web")
    web.execute(sql.SQL("set local role {}").format(sql.Identifier(exchange.roles[partner])))
    web.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(exchange.roles[partner], "voters")))
    return web


def test_a_reading_dashboard_is_ended_and_kept_out(dashboard_exchange: DashboardExchange) -> None:
    """Would have caught a revoked rule whose publication fails because somebody was just counting."""
    role = dashboard_exchange.roles[PARTNER]
    with dashboard_exchange.connect_as_admin() as admin:
        theirs, others = reading(dashboard_exchange, PARTNER), reading(dashboard_exchange, "pa_party")
        keep_out(admin, role)
        with pytest.raises(psycopg.OperationalError):
            theirs.execute("select 1")
        assert others.execute("select 1").fetchone() == (1,), "another partner's reader goes on"
        with pytest.raises(errors.InsufficientPrivilege):
            reading(dashboard_exchange, PARTNER)
        let_back(admin, role)
        reading(dashboard_exchange, PARTNER).close()
        others.close()


def test_a_closed_door_stays_closed(dashboard_exchange: DashboardExchange) -> None:
    role = dashboard_exchange.roles["nc_party"]
    dashboard_exchange.command("partner", "suspend", "nc_party")
    with dashboard_exchange.connect_as_admin() as admin:
        keep_out(admin, role)
        let_back(admin, role)
    with pytest.raises(errors.InsufficientPrivilege):
        reading(dashboard_exchange, "nc_party")


def test_a_rule_revoked_between_two_clicks_is_gone_with_the_second(dashboard_exchange: DashboardExchange) -> None:
    """By a whole refresh, with every number of the first click kept. Would have caught a key without permissions."""
    told_by_others = "/voters?reach=others&reach=both&ballot=any"
    rules = dashboard_exchange.registry / "sharing_rules.csv"
    lines = rules.read_text(encoding="utf-8").splitlines(keepends=True)
    with site(dashboard_exchange) as client:
        sign_in(client, email(PARTNER))
        before = [matching(client.get(told_by_others)) for _ in range(2)]
        assert before == [seen_by(dashboard_exchange, PARTNER)] * 2
        assert before[0] > 0
        # what campaigns of the same side share
        kept = [line for line in lines if not line.startswith(("r01,", "r02,"))]
        assert len(kept) == len(lines) - 2
        rules.write_text("".join(kept), encoding="utf-8")
        dashboard_exchange.refresh(AS_OF)
        assert matching(client.get(told_by_others)) == seen_by(dashboard_exchange, PARTNER) < before[0]


def seen_by(exchange: DashboardExchange, partner: str) -> int:
    """People whom others contacted, as the partner's own role counts them."""
    [row] = sql_as(exchange, partner, "select count(*) as people from voters where reach in ('others', 'both')")
    return int(row["people"])
