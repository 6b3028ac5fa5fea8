"""The registry's give-to-get limits, put where dbt reads them: their file is optional, and dbt's seeds are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from exchange.registry import GiveToGet


def write_limits(conn: psycopg.Connection[Any], limits: Sequence[GiveToGet]) -> None:
    """Make raw.give_to_get say what give_to_get.csv says, and commit. Writing the same again changes nothing."""
    with conn.transaction():
        conn.execute("delete from raw.give_to_get")
        conn.cursor().executemany(
            "insert into raw.give_to_get (partner, window_days, min_answers) values (%s, %s, %s)",
            [(limit.partner, limit.window_days, limit.min_answers) for limit in limits],
        )
