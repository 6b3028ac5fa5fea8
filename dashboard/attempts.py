"""How often a password may be guessed: five times for an address of a person, twenty from one client, in 15 minutes.

An attempt is written down as failed before the password is looked at: guesses sent at the same moment count each
other. Only a right password takes it back, and only if not too many were wrong before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashboard.database import Database, Reader
from exchange.warehouse.accounts import lookup_address

# a person mistypes a few times; a guesser gets 480 guesses a day at one account, of passwords of 12 characters or more
MOST_FOR_EMAIL = 5
# an office shares an address, and so does everybody behind one proxy
MOST_FROM_ADDRESS = 20
WINDOW = "15 minutes"
_KEPT = "1 day"
_LONGEST_EMAIL = 320


@dataclass(frozen=True)
class Attempt:
    """One attempt to sign in. at: its row in dashboard.sign_in_attempt; None, if it has none."""

    email: str
    address: str
    at: datetime | None = None
    is_refused: bool = False

    async def succeed(self, reader: Reader) -> None:
        """It was right: no failure."""
        if self.at is None:
            await reader.execute(
                "insert into dashboard.sign_in_attempt (email, address, succeeded) values (%s, %s, true)",
                [self.email, self.address],
            )
            return
        await reader.execute(
            "update dashboard.sign_in_attempt set succeeded = true where email = %s and address = %s and at = %s",
            [self.email, self.address, self.at],
        )


async def begin_attempt(database: Database, email: str, address: str) -> Attempt:
    """Write it down, then count. A refused one is not counted: trying on does not keep a person out for longer."""
    typed = lookup_address(email)[:_LONGEST_EMAIL]
    async with database.as_keeper() as reader:
        await reader.execute("delete from dashboard.sign_in_attempt where at < now() - %s::interval", [_KEPT])
        at: datetime = await reader.value(
            "insert into dashboard.sign_in_attempt (email, address, at, succeeded)"
            " values (%s, %s, clock_timestamp(), false) returning at",
            [typed, address],
        )
    # after the commit: of guesses at the same moment, the last ones see all others
    async with database.as_keeper() as reader:
        is_refused = bool(await reader.value(_TOO_MANY, {"email": typed, "address": address, "window": WINDOW}))
        if is_refused:
            await reader.execute(
                "delete from dashboard.sign_in_attempt where email = %s and address = %s and at = %s",
                [typed, address, at],
            )
    return Attempt(typed, address, at, is_refused)


# this one is among them
_TOO_MANY = f"""
    select
        (
            select count(*) from dashboard.sign_in_attempt
            where email = %(email)s and not succeeded and at > now() - %(window)s::interval
        ) > {MOST_FOR_EMAIL}
        or (
            select count(*) from dashboard.sign_in_attempt
            where address = %(address)s and not succeeded and at > now() - %(window)s::interval
        ) > {MOST_FROM_ADDRESS}
"""
