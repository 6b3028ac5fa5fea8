"""Who each delivered row is about, as a running exchange matched it: what the oracle takes as given."""

from __future__ import annotations

from typing import Any, Protocol

import psycopg

from tests.oracle.people import VoterKey


class Administered(Protocol):
    """An exchange whose tables a test may read."""

    def connect_as_admin(self) -> psycopg.Connection[dict[str, Any]]: ...


_CONTACT_TABLES = """
    select distinct file_format from raw.file
    where file_format not in (
        'generic_voters', 'generic_person_ids', 'generic_ballots'
    ) order by file_format
"""
_MATCHED = """
    with files as (
        select feed_id, file_id, row_number() over (partition by feed_id order by file_id) - 1 as file_number
        from raw.file
        where withdrawn_at is null
    ),
    numbered as (
        select
            files.feed_id,
            files.file_number,
            lines._file_id,
            lines._row_number,
            row_number() over (partition by lines._file_id order by lines._row_number) - 1 as row_number
        from raw.{table} as lines
        inner join files on lines._file_id = files.file_id
    )
    select distinct numbered.feed_id, file_number, row_number, keys.state, keys.state_voter_id
    from numbered
    inner join intermediate.int_contact_lines__resolved as resolved using (_file_id, _row_number)
    inner join intermediate.int_voter_keys as keys on resolved.voter_id = keys.voter_id
"""


def matches_of(exchange: Administered) -> dict[tuple[str, int, int], VoterKey]:
    """(feed, number of the file, number of the row) -> voter, of every live row that is matched."""
    found: dict[tuple[str, int, int], VoterKey] = {}
    with exchange.connect_as_admin() as connection:
        for table in connection.execute(_CONTACT_TABLES).fetchall():
            for row in connection.execute(_MATCHED.format(table=table["file_format"])).fetchall():
                place = row["feed_id"], row["file_number"], row["row_number"]
                assert place not in found, f"{place} is about two voters"
                found[place] = row["state"], row["state_voter_id"]
    return found
