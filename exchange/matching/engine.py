"""Matching in one go, without a database behind it: for benchmarks and tests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from exchange.matching.calibration import Calibration, calibrate
from exchange.matching.decisions import decide
from exchange.matching.evidence import check_ids
from exchange.matching.frequencies import count_frequencies
from exchange.matching.keys import blocking_keys, pair_up
from exchange.matching.model import Model, train
from exchange.matching.outcomes import summarize
from exchange.matching.scoring import score_pairs
from exchange.matching.standard import standardize


@dataclass(frozen=True)
class MatchResult:
    """timings: CPU seconds of this process per step, in the order they ran."""

    model: Model
    calibration: Calibration
    timings: dict[str, float] = field(default_factory=dict)


def match_once(
    con: duckdb.DuckDBPyConnection,
    raw_voters: str,
    raw_identities: str,
    claimed_ids: str,
    *,
    seed: int = 1,
    model: Model | None = None,
    target: float = 0.99,
) -> MatchResult:
    """Match raw persons (RAW_COLUMNS) of both sides; claimed_ids: (identity_id, voter_id). Creates table `decided`.

    Leaves `scores`, `weights`, `pairs`, `voters`, `identities` (standardised) and `frequencies` for a closer look.
    """
    timings: dict[str, float] = {}
    step = _Stopwatch(timings).step
    with step("standardize_voters"):
        standardize(con, raw_voters, "voters")
    with step("standardize_identities"):
        standardize(con, raw_identities, "identities")
    with step("frequencies"):
        count_frequencies(con, "voters", "frequencies")
    states = [state for (state,) in con.execute("select distinct state from voters order by state").fetchall() if state]
    with step("voter_keys"):
        blocking_keys(con, "voters", "voter_keys", states)
    with step("identity_keys"):
        blocking_keys(con, "identities", "identity_keys", states)
    with step("pairs"):
        pair_up(con, "identity_keys", "voter_keys", "pairs")
    if model is None:
        with step("train"):
            check_ids(con, "identities", "voters", claimed_ids, "checks")
            con.execute(
                "create or replace temp table labels as"
                " select identity_id, voter_id from checks where id_check = 'agrees'"
            )
            model = train(
                con, voters="voters", identities="identities", labels="labels", frequencies="frequencies",
                version=1, seed=seed,
            )  # fmt: skip
    with step("score"):
        score_pairs(
            con, model, identities="identities", voters="voters", pairs="pairs", frequencies="frequencies",
            into="weights",
        )  # fmt: skip
    with step("summarize"):
        summarize(
            con, identities="identities", voters="voters", pairs="pairs", weights="weights",
            claimed_ids=claimed_ids, into="scores",
        )  # fmt: skip
    with step("calibrate"):
        calibration = calibrate(con, "scores", target)
    with step("decide"):
        con.execute("create or replace temp table reviewed (identity_id bigint, decision text, voter_id bigint)")
        decide(con, "scores", "reviewed", calibration.threshold, model.version, "decided")
    return MatchResult(model, calibration, timings)


class _Stopwatch:
    """Adds up CPU seconds per step."""

    def __init__(self, timings: dict[str, float]) -> None:
        self._timings = timings

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.process_time()
        yield
        self._timings[name] = round(time.process_time() - started, 3)
