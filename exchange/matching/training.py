"""Trains a model on the whole stored spine and all stored identities."""

from __future__ import annotations

import hashlib

from psycopg import sql

from exchange.matching.deltas import STORED_COLUMNS, names
from exchange.matching.evidence import check_ids
from exchange.matching.frequencies import count_frequencies
from exchange.matching.model import Model, train
from exchange.matching.review import CLAIMS
from exchange.matching.session import Session
from exchange.matching.standard import STANDARD_COLUMNS
from exchange.matching.transfer import fetch, store

FREQUENCY_COLUMNS = {"field": "text", "value": "text", "n": "bigint"}


def train_on_store(session: Session, version: int, seed: int) -> tuple[Model, str]:
    """The model, and the digest of table `frequencies`, which stays in the workbench for write_frequencies."""
    con = session.con
    stored = names(list(STORED_COLUMNS))
    fetch(session, sql.SQL("select voter_id, {} from matching.voter").format(stored), "voters", STANDARD_COLUMNS)
    query = sql.SQL("select identity_id, {} from matching.identity").format(stored)
    fetch(session, query, "identities", STANDARD_COLUMNS)
    fetch(session, sql.SQL(CLAIMS), "claims", {"identity_id": "bigint", "voter_id": "bigint"})
    count_frequencies(con, "voters", "frequencies")
    check_ids(con, "identities", "voters", "claims", "checks")
    con.execute("create table labels as select identity_id, voter_id from checks where id_check = 'agrees'")
    model = train(
        con,
        voters="voters",
        identities="identities",
        labels="labels",
        frequencies="frequencies",
        version=version,
        seed=seed,
    )
    return model, _digest(session)


def write_frequencies(session: Session, version: int) -> None:
    """Keep the frequencies of train_on_store with the model of this version."""
    store(
        session,
        f"select {version} as version, field, value, n from frequencies order by field, value",
        sql.SQL("matching.frequency"),
        {"version": "integer", **FREQUENCY_COLUMNS},
    )


def fetch_frequencies(session: Session, version: int) -> None:
    """Table frequencies of the workbench: those of the model."""
    query = sql.SQL("select field, value, n from matching.frequency where version = {}").format(version)
    fetch(session, query, "frequencies", FREQUENCY_COLUMNS)


def _digest(session: Session) -> str:
    digest = hashlib.sha256()
    rows = session.con.execute("select field, value, n from frequencies order by field, value")
    while found := rows.fetchmany(10_000):
        digest.update(repr(found).encode())
    return digest.hexdigest()[:16]
