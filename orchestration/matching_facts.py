"""What the pages of the matching assets show: counts, tables and pictures."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from exchange.matching import plots
from exchange.matching.results import IdentitySync, MatchRun, ModelStatus, VoterSync
from exchange.settings import Settings
from exchange.warehouse.connection import connect
from orchestration.matching_checks import AIM, PROMISED, rule_name
from orchestration.pictures import picture

STATUSES = ("accepted", "review", "unmatched")
# bits of match weight: what is beyond these is as good as sure
BIN, LEAST_WEIGHT, MOST_WEIGHT = 2, -30, 60
Facts = dict[str, Any]


def of_voters(sync: VoterSync) -> Facts:
    """`due`: identities to score again because a voter they might be came, moved or left."""
    return {
        "new": sync.new,
        "changed": sync.changed,
        "moved": sync.moved,
        "removed": sync.removed,
        "due_identities": sync.due,
        "by_state": dg.MetadataValue.md(table(["state", "voters"], sorted(sync.states.items()))),
        "dagster/row_count": sync.new + sync.changed + sync.unchanged,
    }


def of_identities(sync: IdentitySync) -> Facts:
    return {
        "new": sync.new,
        "changed": sync.changed,
        "removed": sync.removed,
        "due_identities": sync.due,
        "dagster/row_count": sync.new + sync.changed + sync.unchanged,
    }


def of_model(settings: Settings, status: ModelStatus) -> Facts:
    with connect(settings, "dbt") as connection:
        found = connection.execute(
            "select trained_at, model from matching.model where version = %s", [status.version]
        ).fetchone()
    trained_at, model = found or (None, "{}")
    shown: Facts = {
        "version": status.version,
        "is_new": status.is_new,
        "reason": status.reason,
        "labels": status.labels,
        "seed": status.seed,
        "by_state": dg.MetadataValue.md(table(["state", "voters"], sorted(status.spine.items()))),
    }
    if trained_at is not None:
        shown["trained_at"] = dg.MetadataValue.timestamp(trained_at)
    levels = plots.levels(json.loads(model).get("settings", {}))
    if levels:
        shown["parameters"] = dg.MetadataValue.md(picture(settings, plots.model_parameters, levels))
    return shown


def of_matches(settings: Settings, run: MatchRun) -> Facts:
    by_status = {status: sum(run.counts.get(status, {}).values()) for status in STATUSES}
    precision = "not measurable" if run.estimated_precision is None else run.estimated_precision
    shown: Facts = {
        **by_status,
        "scored": run.scored,
        "changed": run.changed,
        "voter_changed": run.moved,
        "run_id": run.run_id,
        "model_version": run.model_version,
        "threshold": run.threshold,
        "estimated_precision": precision,
        "in_spine_share": "not measurable" if run.in_spine_share is None else run.in_spine_share,
        "by_method": dg.MetadataValue.md(_by_method(run.counts)),
        "rules": dg.MetadataValue.md(_rules(run)),
        "dagster/row_count": sum(by_status.values()),
    }
    if run.stale_reviews:
        shown["reviews_of_voters_who_left"] = run.stale_reviews
    return shown | _pictures(settings, run)


def _pictures(settings: Settings, run: MatchRun) -> Facts:
    shown: Facts = {}
    edges, counts, without = _weights(settings)
    if edges:
        shown["weights"] = dg.MetadataValue.md(picture(settings, plots.match_weights, edges, counts, without))
    curve = [tuple(point) for point in run.calibration.get("curve", [])]
    if curve:
        chosen = (run.threshold, AIM, PROMISED, run.calibration["labelled"])
        shown["calibration"] = dg.MetadataValue.md(picture(settings, plots.calibration, curve, *chosen))
    return shown


def _weights(settings: Settings) -> tuple[list[int], dict[str, list[int]], int]:
    """Edges of the bins in bits, identities per outcome and bin, identities without a candidate.

    No edges when nobody has a candidate.
    """
    with connect(settings, "dbt") as connection:
        rows = connection.execute(
            """
            select
                -- greatest() and least() pass over nulls
                case
                    when weight is not null
                        then (floor(greatest(least(weight, %(most)s), %(least)s) / %(bin)s) * %(bin)s)::int
                end as starts_at,
                case
                    when status = 'review' then 'in review'
                    when status = 'unmatched' then 'unmatched'
                    when method in ('id', 'review') then 'by id or person'
                    else 'by rule or model'
                end as outcome,
                count(*)
            from matching.matches
            group by starts_at, outcome
            order by starts_at, outcome
            """,
            {"least": LEAST_WEIGHT, "most": MOST_WEIGHT, "bin": BIN},
        ).fetchall()
    without = sum(count for start, _, count in rows if start is None)
    counted = {(outcome, start): count for start, outcome, count in rows if start is not None}
    if not counted:
        return [], {}, without
    starts = range(min(start for _, start in counted), max(start for _, start in counted) + BIN, BIN)
    counts = {outcome: [counted.get((outcome, start), 0) for start in starts] for outcome in plots.OUTCOMES}
    return [*starts, starts[-1] + BIN], counts, without


def _by_method(counts: Mapping[str, Mapping[str, int]]) -> str:
    methods = sorted({method for by_method in counts.values() for method in by_method})
    rows = [[status, *(counts.get(status, {}).get(method, 0) for method in methods)] for status in STATUSES]
    return table(["identities", *methods], rows)


def _rules(run: MatchRun) -> str:
    rows = [
        [rule_name(name), rule.hits, rule.right, "" if rule.precision is None else f"{rule.precision:.2%}"]
        for name, rule in sorted(run.rule_precisions.items())
    ]
    return table(["of known voters", "hits", "right", "precision"], rows)


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join(
        "| " + " | ".join(f"{v:,}" if isinstance(v, int) else str(v) for v in line) + " |" for line in lines
    )
