"""Counts made ahead: whoever comes after a publication finds them there."""

from __future__ import annotations

import asyncio
import re

import pytest

from dashboard.app import create_app
from dashboard.warming import Warmed, _about, warm
from tests.dashboard_exchange import PASSWORD, DashboardExchange, app_client, email

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

PARTNER = "lopez_for_governor"


def test_after_warming_the_first_pages_count_nothing(dashboard_exchange: DashboardExchange) -> None:
    sent: list[str] = []

    async def story() -> None:
        app = create_app(dashboard_exchange.settings, observe=sent.append)
        async with app_client(dashboard_exchange, app) as client:
            database = app.state.database
            assert await _about(database) == [], "nobody was here yet"
            token = re.search(r'name="csrf_token" value="([^"]+)"', (await client.get("/sign-in")).text)
            assert token is not None
            form = {"csrf_token": token[1], "email": email(PARTNER), "password": PASSWORD}
            assert (await client.post("/sign-in", data=form)).status_code == 303
            [viewer] = await _about(database)
            assert viewer.partner_id == PARTNER

            warmed: Warmed = {}
            await warm(app, viewer, warmed)
            sent.clear()
            for address in ("/", "/voters", "/voters?support=1&reach=nobody"):
                assert (await client.get(address)).status_code == 200
            assert [query for query in sent if "group by" in query.lower() and "explorer" in query] == []

            sent.clear()
            await warm(app, viewer, warmed)
            assert [query for query in sent if "explorer" in query] == [], "the same publication is counted once"

            dashboard_exchange.command("partner", "suspend", PARTNER)
            await warm(app, viewer, warmed)
            assert warmed == {}, "a closed door is nothing to fail at"

    asyncio.run(story())
