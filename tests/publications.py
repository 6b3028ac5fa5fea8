"""For tests that publish without dbt: they change the `sharing` tables of a running exchange themselves."""

from __future__ import annotations

from typing import Any

import psycopg


def give_another_audience(admin: psycopg.Connection[dict[str, Any]], partner: str, step: int = -1) -> None:
    """As another rule does: the same rows, in an audience of another number. One that no other partner is in.

    The same step the other way is a rule that goes, or comes, back.
    """
    row = admin.execute("select audience_id from sharing.audiences where partner_id = %s", [partner]).fetchone()
    assert row is not None
    tables = admin.execute(
        "select table_name from information_schema.columns join information_schema.tables using (table_schema,"
        " table_name) where table_schema = 'sharing' and column_name = 'audience_id' and table_type = 'BASE TABLE'"
    ).fetchall()
    with admin.transaction():
        for table in tables:
            admin.execute(
                f"update sharing.{table['table_name']} set audience_id = audience_id + %s where audience_id = %s",
                [step, row["audience_id"]],
            )
        admin.execute("update sharing.audiences set is_fresh = true where partner_id = %s", [partner])
