"""The threshold must keep its promise on worlds whose truth is known, and promise nothing where little is known."""

from __future__ import annotations

import numpy as np
import pytest

from exchange.matching.calibration import FIXED_THRESHOLD, LEAST_LABELLED, Calibration, calibrate
from exchange.matching.workbench import open_workbench


def world(
    labelled: int, batch: int, in_spine: float, seed: int = 1, honest: float = 0.5
) -> tuple[Calibration, float, float]:
    """Calibration of a made-up batch, its true precision and the share of it that is accepted.

    A person in the file gets posterior p for the right voter (mostly), one who is not gets a low p for a wrong one;
    `honest`: how much too sure the model is of wrong ones.
    """
    rng = np.random.default_rng(seed)

    def present(n: int) -> tuple[np.ndarray, np.ndarray]:
        posterior = rng.beta(6, 0.4, n)
        return posterior, rng.random(n) < 1 - 0.08 * (1 - posterior)

    def absent(n: int) -> np.ndarray:
        return np.where(rng.random(n) < 0.15, rng.beta(honest, 1, n), 0.0)

    posterior, right = present(labelled)
    there = rng.random(batch) < in_spine
    seen, seen_right = present(batch)
    batch_posterior = np.where(there, seen, absent(batch))
    truth = there & seen_right
    con = open_workbench()
    con.register("labels", {"p": posterior, "ok": right, "gone": absent(labelled)})
    con.register("others", {"p": batch_posterior})
    con.execute("""
        create table scores as
        select 'agrees' as id_check, 1 as id_voter_id, if(ok, 1, 2) as best_voter_id, p as posterior, log2(p + 1e-9)
            as weight, null::text as rule, null::bigint as rule_voter_id, gone as removed_posterior,
            null::text as removed_rule from labels
        union all
        select 'none', null, 3, p, log2(p + 1e-9), null, null, null, null from others
    """)
    found = calibrate(con, "scores")
    accepted = batch_posterior >= found.threshold
    precision = float(truth[accepted].mean()) if accepted.any() else 1.0
    return found, precision, float(accepted.mean())


@pytest.mark.parametrize("in_spine", [0.5, 0.8, 0.95])
def test_the_estimate_is_the_truth(in_spine: float) -> None:
    """Ten thousand labels: precision within .005, share in the file within .03, target kept."""
    found, precision, accepted = world(10_000, 10_000, in_spine)
    assert found.estimated_precision is not None and found.in_spine_share is not None
    assert abs(found.estimated_precision - precision) <= 0.005
    assert abs(found.in_spine_share - in_spine) <= 0.03
    assert precision >= 0.988
    assert accepted > 0.2


def test_a_model_too_sure_of_strangers_gets_a_higher_threshold() -> None:
    modest, _, _ = world(10_000, 10_000, 0.7)
    boastful, precision, _ = world(10_000, 10_000, 0.7, honest=8.0)
    assert boastful.threshold > modest.threshold
    assert precision >= 0.985


def test_few_labels_promise_nothing() -> None:
    """A precision told from 199 rows would be a guess: none is reported, the threshold is high and fixed."""
    found, _, _ = world(LEAST_LABELLED - 1, 1_000, 0.8)
    assert (found.threshold, found.estimated_precision, found.margin) == (FIXED_THRESHOLD, None, None)
    empty, _, _ = world(1, 1, 0.8)
    assert empty.threshold == FIXED_THRESHOLD


@pytest.mark.parametrize("seed", range(6))
def test_luck_with_few_labels_is_no_licence(seed: int) -> None:
    """300 labels without an error say little: what is accepted must still be right in .98, the doubt is told."""
    found, precision, _ = world(300, 5_000, 0.8, seed)
    assert precision >= 0.98
    assert found.margin is not None and found.margin > 0.002


def test_the_threshold_is_above_one_half() -> None:
    """Two equal candidates have .5 each at most: neither is ever accepted."""
    found, _, _ = world(5_000, 5_000, 0.95)
    assert found.threshold > 0.5


def test_the_result_is_plain_data() -> None:
    """Dagster and Postgres store it as JSON; bins count every row once."""
    found, _, _ = world(500, 700, 0.8)
    told = found.to_dict()
    assert set(told) >= {"threshold", "estimated_precision", "in_spine_share", "labelled", "curve", "weights"}
    assert sum(batch for _, batch, _, _ in found.weights) == 700
    assert sum(right + wrong for _, _, right, wrong in found.weights) == 500
