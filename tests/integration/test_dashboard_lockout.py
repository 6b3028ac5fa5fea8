"""Lockout: mistakes keep an account or a client out for a while, also when made at the same moment, and nobody else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dashboard import attempts, sessions
from dashboard.database import Database
from exchange.settings import Settings
from exchange.warehouse.bootstrap import administrator
from tests.dashboard_exchange import PASSWORD, DashboardExchange, email
from tests.dashboard_sign_in import ADDRESSES, OTHER, PARTNER

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

_SETTINGS: list[Settings] = []


@pytest.fixture(autouse=True)
def _settings_at_hand(dashboard_exchange: DashboardExchange) -> None:
    _SETTINGS[:] = [dashboard_exchange.settings]


async def tried(database: Database, who: str, password: str, address: str) -> bool:
    return await sessions.sign_in(database, who, password, address, "a test") is not None


def test_five_mistakes_lock_an_account_for_the_right_password_too(run_on_database: Any) -> None:
    async def guess(database: Database) -> None:
        for _ in range(attempts.MOST_FOR_EMAIL):
            assert not await tried(database, email(PARTNER), "wrong", next(ADDRESSES))
        assert not await tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))
        # a person who tries on is not kept out for longer, and others are not kept out at all
        assert await count_of(database, email(PARTNER)) == attempts.MOST_FOR_EMAIL
        assert await tried(database, email(OTHER), PASSWORD, next(ADDRESSES))
        await make_older(database, "15 minutes 1 second")
        assert await tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))

    run_on_database(guess)


def test_a_sixteenth_of_a_day_is_not_fifteen_minutes(run_on_database: Any) -> None:
    async def guess(database: Database) -> None:
        for _ in range(attempts.MOST_FOR_EMAIL):
            await tried(database, email(PARTNER), "wrong", next(ADDRESSES))
        await make_older(database, "14 minutes")
        assert not await tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))

    run_on_database(guess)


def test_an_unknown_address_is_locked_like_any_other(run_on_database: Any) -> None:
    async def guess(database: Database) -> None:
        for _ in range(attempts.MOST_FOR_EMAIL + 2):
            await tried(database, "nobody@example.org", "wrong", next(ADDRESSES))
        assert await count_of(database, "nobody@example.org") == attempts.MOST_FOR_EMAIL

    run_on_database(guess)


def test_twenty_mistakes_lock_a_client_for_every_account(run_on_database: Any) -> None:
    async def guess(database: Database) -> None:
        client = next(ADDRESSES)
        # right ones are no mistakes: an office of 25 comes to work
        for _ in range(25):
            assert await tried(database, email(PARTNER), PASSWORD, client)
        for number in range(attempts.MOST_FROM_ADDRESS):
            assert not await tried(database, f"{number}@example.org", "wrong", client)
        assert not await tried(database, email(PARTNER), PASSWORD, client)
        assert await tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))

    run_on_database(guess)


def test_guesses_at_the_same_moment_count_each_other(run_on_database: Any) -> None:
    """Would have caught a count taken before the failures of the others were written down."""

    async def guess(database: Database) -> None:
        wrong = (tried(database, email(PARTNER), "wrong", next(ADDRESSES)) for _ in range(12))
        right = tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))
        await asyncio.gather(*wrong)
        assert await count_of(database, email(PARTNER)) <= attempts.MOST_FOR_EMAIL
        begun = [await attempts.begin_attempt(database, "x@example.org", next(ADDRESSES)) for _ in range(3)]
        assert not any(each.is_refused for each in begun)
        together = await asyncio.gather(
            *(attempts.begin_attempt(database, "x@example.org", next(ADDRESSES)) for _ in range(20))
        )
        assert sum(not each.is_refused for each in together) <= attempts.MOST_FOR_EMAIL - 3
        await right

    run_on_database(guess)


def test_a_flood_is_turned_away(run_on_database: Any) -> None:
    """Would have caught hashes piling up: the hundredth caller waited ten seconds, and everybody behind it."""

    async def guess(database: Database) -> None:
        flood = [tried(database, f"{number}@example.org", "wrong", next(ADDRESSES)) for number in range(70)]
        ends = await asyncio.gather(*flood, return_exceptions=True)
        assert sum(isinstance(each, sessions.BusyError) for each in ends) == 20
        assert sum(each is False for each in ends) == 50
        assert await tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))

    run_on_database(guess)


def test_old_attempts_are_forgotten(run_on_database: Any) -> None:
    async def guess(database: Database) -> None:
        await tried(database, "nobody@example.org", "wrong", next(ADDRESSES))
        await make_older(database, "25 hours")
        await tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))
        assert await count_of(database, "nobody@example.org") == 0

    run_on_database(guess)


async def count_of(database: Database, who: str) -> int:
    async with database.as_keeper() as reader:
        query = "select count(*) from dashboard.sign_in_attempt where email = %s and not succeeded"
        return int(await reader.value(query, [who]))


async def make_older(database: Database, by: str) -> None:
    # the dashboard's role must not be able to
    settings: Settings = _SETTINGS[0]
    with administrator(settings) as admin:
        admin.execute("update dashboard.sign_in_attempt set at = at - %s::interval", [by])
