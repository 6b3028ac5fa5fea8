"""Matching as four assets between the two dbt steps: voters, identities, the model, the matches.

The work is in `exchange.matching`, which keeps its state in schema `matching`: a step costs by what changed.
"""

from collections.abc import Iterator

import dagster as dg

from exchange import matching
from orchestration import matching_facts as facts
from orchestration.dbt import MATCHES_KEY, MATCHING
from orchestration.matching_checks import PRECISION, precision_is_as_promised
from orchestration.resources import Exchange

VOTERS_KEY = dg.AssetKey([MATCHING, "voters"])
IDENTITIES_KEY = dg.AssetKey([MATCHING, "identities"])
MODEL_KEY = dg.AssetKey([MATCHING, "match_model"])
KINDS = {"postgres", "duckdb"}


class TrainModel(dg.Config):
    """When to train. Without `retrain` a model is trained only if there is none, or the spine or the ids outgrew it."""

    retrain: bool = False


class MakeMatches(dg.Config):
    """What to score. `full` scores every identity again: the same matches, slower."""

    full: bool = False


@dg.asset(
    key=VOTERS_KEY,
    group_name=MATCHING,
    kinds=KINDS,
    deps=[dg.AssetKey(["intermediate", "int_voters__matchable"])],
)
def voters(exchange: Exchange) -> dg.MaterializeResult:
    """Grain: one voter on the file who may be matched: standardised, with the keys that find candidates."""
    return dg.MaterializeResult(metadata=facts.of_voters(matching.sync_voters(exchange.settings)))


@dg.asset(
    key=IDENTITIES_KEY,
    group_name=MATCHING,
    kinds=KINDS,
    # a person of unknown state gets keys in every state that has voters, so the voters come first
    deps=[dg.AssetKey(["intermediate", "int_identities"]), VOTERS_KEY],
)
def identities(exchange: Exchange) -> dg.MaterializeResult:
    """Grain: one person as one feed knows them: standardised, with the keys that find candidates."""
    return dg.MaterializeResult(metadata=facts.of_identities(matching.sync_identities(exchange.settings)))


@dg.asset(key=MODEL_KEY, group_name=MATCHING, kinds={"splink", "duckdb"}, deps=[VOTERS_KEY, IDENTITIES_KEY])
def match_model(exchange: Exchange, config: TrainModel) -> dg.MaterializeResult:
    """Grain: one trained model per version; the newest scores. `retrain_job` trains one now."""
    status = matching.ensure_model(exchange.settings, retrain=config.retrain)
    return dg.MaterializeResult(metadata=facts.of_model(exchange.settings, status))


@dg.asset(
    key=MATCHES_KEY,
    group_name=MATCHING,
    kinds=KINDS,
    deps=[VOTERS_KEY, IDENTITIES_KEY, MODEL_KEY],
    check_specs=[
        dg.AssetCheckSpec(
            PRECISION,
            asset=MATCHES_KEY,
            blocking=True,
            description="What the model and each rule accept is right often enough; otherwise nothing is published.",
        )
    ],
)
def matches(exchange: Exchange, config: MakeMatches) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Grain: one row per identity: accepted, in review or unmatched; by which method, how sure, and the runner-up."""
    run = matching.make_matches(exchange.settings, full=config.full)
    yield dg.MaterializeResult(metadata=facts.of_matches(exchange.settings, run))
    yield precision_is_as_promised(run)


ASSETS = [voters, identities, match_model, matches]
