"""Splink 5 as this project calls it: `predict` on given pairs, the identity always left, the voter always right."""

from __future__ import annotations

import logging
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from exchange.matching.comparisons import COMPARED_COLUMNS, COMPARISONS, Comparison, Level
from exchange.matching.defaults import Weights

# of all contacts, those whose person is a voter on the file: the prior of every pair
IN_SPINE = 0.8
# a name's share of a small spine is drawn to this share of these voters
PSEUDO_VOTERS, PSEUDO_SHARE = 1000, 0.0005
_NAMES = ("first_name", "last_name")


def splink_settings(weights: Weights, voters: int) -> dict[str, Any]:
    """Splink's settings from m and u per comparison and level, for a spine of so many voters."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": IN_SPINE / max(voters, 1),
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "linker_uid": "voter_exchange",
        "comparisons": [_comparison(comparison, weights[comparison.name]) for comparison in COMPARISONS],
    }


def _comparison(comparison: Comparison, weights: dict[str, dict[str, float]]) -> dict[str, Any]:
    unknown = {"sql_condition": comparison.unknown, "label_for_charts": "unknown", "is_null_level": True}
    return {
        "output_column_name": comparison.name,
        "comparison_levels": [unknown, *(_level(level, weights[level.name]) for level in comparison.levels)],
    }


def _level(level: Level, weight: dict[str, float]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "sql_condition": level.condition,
        "label_for_charts": level.name,
        "m_probability": weight["m"],
        "u_probability": weight["u"],
    }
    if level.frequency_of is not None:
        told["tf_adjustment_column"] = level.frequency_of
        told["tf_adjustment_weight"] = 1.0
    return told


def create_records(con: duckdb.DuckDBPyConnection, identities: str, voters: str, frequencies: str, into: str) -> None:
    """Table of persons for Splink, from standardised identities and voters. Grain: one person of either side.

    unique_id: even for identities, odd for voters, because Splink scores pairs of one table.
    tf_*: the name's share of the spine; only of identities, an agreeing voter has the same name.
    """
    columns = ", ".join(COMPARED_COLUMNS)
    totals = {
        name: con.execute(
            f"select coalesce(sum(n), 0) from {frequencies} where field = 'filled' and value = ?", [name]
        ).fetchall()[0][0]
        for name in _NAMES
    }
    shares = ", ".join(
        f"(coalesce({name}s.n, 1) + {PSEUDO_VOTERS * PSEUDO_SHARE}) / ({totals[name]} + {PSEUDO_VOTERS}.0) as tf_{name}"
        for name in _NAMES
    )
    joins = " ".join(
        f"left join (select value, n from {frequencies} where field = '{name}') as {name}s"
        f" on {name}s.value = persons.{name}"
        for name in _NAMES
    )
    con.execute(f"""
        create or replace temp table {into} as
        select 2 * id as unique_id, {columns}, {shares} from {identities} as persons {joins}
        union all
        select 2 * id + 1, {columns}, null, null from {voters}
    """)


def predict(
    con: duckdb.DuckDBPyConnection, settings: dict[str, Any], records: str, pairs: str, least_weight: float, into: str
) -> None:
    """Create temp table `into` (identity_id, voter_id, weight): Splink's match weight of given pairs of records.

    pairs: (match_key, join_key_l, join_key_r), unique ids of records. Pairs below least_weight are left out.
    """
    api = DuckDBAPI(con)
    linker = Linker(api.register(records), settings, log_level=logging.WARNING, validate_settings=False)
    for name in _NAMES:
        # records carry the spine's frequencies: an empty table keeps Splink from counting those of the batch
        con.execute(f"create or replace temp table matching_tf_{name} ({name} text, tf_{name} double)")
        linker.table_management.register_term_frequency_lookup(api.register(f"matching_tf_{name}"), name)
    linker.table_management.register_blocked_pairs_for_predict(api.register(pairs))
    frame = linker.inference.predict(threshold_match_weight=least_weight, warning_mode="never")
    con.execute(f"""
        create or replace temp table {into} as
        select unique_id_l >> 1 as identity_id, unique_id_r >> 1 as voter_id, match_weight as weight
        from {frame.physical_name}
    """)
    frame.drop_table_from_database_and_remove_from_cache()
    linker.table_management.delete_tables_created_by_splink_from_db()
