"""One call for a whole world: the voter file, the contacts, and who is who."""

from __future__ import annotations

import duckdb
import numpy as np

from benchmarks.matching.contacts import store_contacts
from benchmarks.matching.population import make_population, store
from benchmarks.matching.profiles import PROFILES
from benchmarks.matching.spine import store_voters
from benchmarks.matching.words import store_words


def generate(
    con: duckdb.DuckDBPyConnection, *, voters: int, identities: int, seed: int = 1, profile: str = "usual"
) -> None:
    """Tables raw_voters, raw_identities, truth, claimed_ids, channel; equal for equal arguments."""
    rng = np.random.default_rng([seed, voters, identities])
    population = make_population(voters, seed, PROFILES[profile])
    store(con, population)
    store_words(con, population.names, rng)
    store_voters(con)
    store_contacts(con, identities, rng, PROFILES[profile])
    con.execute("drop view persons")
    con.execute("drop view places")
    for table in ("people", "homes", "first_name", "last_name", "street", "street_type", "city", "state", "chosen"):
        con.execute(f"drop table {table}")
