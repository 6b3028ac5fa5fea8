"""Checks of matching: is it as precise as promised (blocks), do the ids of a feed lead to its names (warns)?"""

from collections.abc import Iterator, Sequence

import dagster as dg

from exchange.matching.results import MatchRun
from exchange.registry import Feed
from exchange.settings import Settings
from exchange.warehouse.connection import connect
from orchestration.dbt import MATCHES_KEY
from orchestration.feeds import feed_key
from orchestration.resources import Exchange

PRECISION = "precision_is_as_promised"
NAMES = "ids_agree_with_names"
# calibration aims at the first; below the second something is broken: a wrong id file, a model of other people
AIM, PROMISED = 0.99, 0.98
# a precision of .98 from 200 hits is known to about +-.02
LEAST_HITS = 200
# with a wrong id scope nearly all names disagree; maiden names, typos and reassigned ids make 1-5 %
MOST_DISAGREEING = 0.2
LEAST_IDS = 50


def precision_is_as_promised(run: MatchRun) -> dg.AssetCheckResult:
    """Fails when the estimated precision, or that of a rule on identities with a known voter, is below the promise."""
    labelled = int(run.calibration.get("labelled", 0))
    measured = {name: rule for name, rule in run.rule_precisions.items() if rule.hits >= LEAST_HITS}
    broken = [
        f"By {rule_name(name)}: {rule.right:,} of {rule.hits:,} hits are the known voter ({rule.precision:.1%})"
        for name, rule in sorted(measured.items())
        if rule.precision is not None and rule.precision < PROMISED
    ]
    if run.estimated_precision is not None and run.estimated_precision < PROMISED:
        broken.insert(0, f"By the model: estimated precision {run.estimated_precision:.1%}")
    if broken:
        said = "; ".join(broken) + f". Promised: {PROMISED:.0%}."
    elif run.estimated_precision is None:
        said = (
            f"not measurable: {labelled:,} labelled identities; until there are more, the threshold is a careful one."
        )
    else:
        said = f"Estimated precision of the model's matches: {run.estimated_precision:.1%}, from {labelled:,} labelled."
    return dg.AssetCheckResult(
        asset_key=MATCHES_KEY,
        check_name=PRECISION,
        passed=not broken,
        severity=dg.AssetCheckSeverity.ERROR,
        description=said,
        metadata={
            "promised": PROMISED,
            "estimated_precision": run.estimated_precision,
            "labelled": labelled,
            "rules_measured": len(measured),
        },
    )


def rule_name(name: str) -> str:
    """A rule as people read it; exchange.matching calls the sum of all rules `id`."""
    return "any rule" if name == "id" else f"rule {name}"


def agreement_checks(feeds: Sequence[Feed]) -> dg.AssetChecksDefinition:
    """One check per feed with contacts, one step and one query for all of them."""
    by_key = {feed_key(feed.feed_id): feed.feed_id for feed in feeds if feed.partner_id != "exchange"}

    @dg.multi_asset_check(
        name=NAMES,
        specs=[
            dg.AssetCheckSpec(
                NAMES,
                asset=key,
                additional_deps=[MATCHES_KEY],
                description="The ids it delivers lead to voters of the names it delivers.",
            )
            for key in by_key
        ],
        can_subset=True,
    )
    def ids_agree_with_names(
        context: dg.AssetCheckExecutionContext, exchange: Exchange
    ) -> Iterator[dg.AssetCheckResult]:
        counted = checked_ids(exchange.settings)
        for check in sorted(context.selected_asset_check_keys):
            ids, disagreeing = counted.get(by_key[check.asset_key], (0, 0))
            yield agreement(check.asset_key, ids, disagreeing)

    return ids_agree_with_names


def checked_ids(settings: Settings) -> dict[str, tuple[int, int]]:
    """feed_id -> identities whose id and name could be compared, and how many of these disagree."""
    with connect(settings, "dbt") as connection:
        rows = connection.execute(
            """
            select identity.feed_id, count(*), count(*) filter (where score.id_check = 'disagrees')
            from matching.score
            inner join matching.identity on score.identity_id = identity.identity_id
            where score.id_check in ('agrees', 'disagrees')
            group by identity.feed_id
            """
        ).fetchall()
    return {feed_id: (ids, disagreeing) for feed_id, ids, disagreeing in rows}


def agreement(key: dg.AssetKey, ids: int, disagreeing: int) -> dg.AssetCheckResult:
    """A warning when too many ids lead to somebody else; too few ids to tell passes and says so."""
    passed = ids < LEAST_IDS or disagreeing <= MOST_DISAGREEING * ids
    said = f"{disagreeing:,} of {ids:,} ids lead to a voter of another name and birth date."
    if not passed:
        said += " Are id_namespace and id_scope of the feed right (feeds.csv)?"
    elif ids < LEAST_IDS:
        said = f"Too few to tell: {said}" if ids else "No id to compare with a name."
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=NAMES,
        passed=passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=said,
        metadata={"ids": ids, "disagreeing": disagreeing},
    )
