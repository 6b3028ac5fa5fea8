"""A publication that changes a partner's views does not wait for the dashboard, and lets it in again afterwards."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors, sql

from exchange.warehouse.connection import connect
from exchange.warehouse.partner_roles import keep_out, let_back
from tests.dashboard_exchange import DashboardExchange

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
