"""What time it is: one row of raw.refresh per refresh; the newest says what "now" is for every model."""

from __future__ import annotations

import hashlib
from typing import Any

import psycopg

from exchange.settings import Settings


def begin_refresh(conn: psycopg.Connection[Any], settings: Settings, registry_digest: str) -> int:
    """Write the row of a new refresh and commit; returns refresh_id.

    id_key makes the public contact ids: it comes from EXCHANGE_ID_SECRET or, without one, from the registry
    at the first refresh, and stays the same as the registry changes: otherwise every contact would get a new
    id.
    """
    with conn.transaction():
        # two refreshes that begin at once must not both be the first
        conn.execute("lock table raw.refresh in share row exclusive mode")
        row = conn.execute(
            "insert into raw.refresh (as_of, registry_digest, id_key) values (%s, %s, %s) returning refresh_id",
            (settings.now(), registry_digest, _id_key(conn, settings, registry_digest)),
        ).fetchone()
    assert row is not None
    return int(row[0])


def _id_key(conn: psycopg.Connection[Any], settings: Settings, registry_digest: str) -> str:
    if settings.id_secret is not None:
        return _hashed("id secret", settings.id_secret.get_secret_value())
    row = conn.execute("select id_key from raw.refresh order by refresh_id desc limit 1").fetchone()
    return str(row[0]) if row else _hashed("registry", registry_digest)


def _hashed(kind: str, text: str) -> str:
    # the kind keeps a digest that is printed elsewhere from being the key itself
    return hashlib.sha256(f"exchange {kind}: {text}".encode()).hexdigest()
