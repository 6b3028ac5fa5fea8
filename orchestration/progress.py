"""What a person sees of a run: a line per step, and at the end what failed. Dagster's own log goes to a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import dagster as dg
from dagster import DagsterEventType as Event


@dataclass(frozen=True)
class FailedCheck:
    """A check that did not pass. `severity` is ERROR or WARN."""

    asset: str
    check: str
    severity: str
    description: str


@dataclass(frozen=True)
class FailedStep:
    """A step that ended with an error, or was skipped because one before it did."""

    step: str
    problem: str


@dataclass
class Progress:
    """Listens to a run's events. Call it with each; `line` gets what to show."""

    line: Callable[[str], None]
    failed_checks: list[FailedCheck] = field(default_factory=list)
    failed_steps: list[FailedStep] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _asset: str = ""
    _metadata: dict[str, Any] = field(default_factory=dict)

    def __call__(self, entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event is None:
            return
        match event.event_type:
            case Event.STEP_START:
                self._counts.clear()
                self._asset, self._metadata = "", {}
            case Event.ASSET_MATERIALIZATION:
                self._made(event.step_materialization_data.materialization)
            case Event.ASSET_CHECK_EVALUATION:
                self._judged(event.asset_check_evaluation_data)
            case Event.STEP_SUCCESS:
                self._done(event.step_key or "", event.step_success_data.duration_ms / 1000)
            case Event.STEP_FAILURE:
                self._broke(event.step_key or "", root_problem(event.step_failure_data.error))
            case Event.STEP_SKIPPED:
                self._broke(event.step_key or "", "not run, because a step before it failed")
            case Event.RUN_FAILURE if not self.failed_steps:
                self._broke("run", root_problem(event.job_failure_data.error) or event.message or "")

    def report(self) -> dict[str, Any]:
        """For `exchange refresh`: failed_checks and failed_steps, as JSON."""
        return {
            "failed_checks": [asdict(check) for check in self.failed_checks],
            "failed_steps": [asdict(step) for step in self.failed_steps],
        }

    @property
    def has_failed(self) -> bool:
        """A warning is shown, but fails nothing."""
        return bool(self.failed_steps) or any(check.severity == "ERROR" for check in self.failed_checks)

    def _judged(self, evaluation: dg.AssetCheckEvaluation) -> None:
        self._counts["checks"] += 1
        if evaluation.passed:
            return
        self._counts["failed"] += 1
        self.failed_checks.append(
            FailedCheck(
                asset=evaluation.asset_key.to_user_string(),
                check=evaluation.check_name,
                severity=evaluation.severity.value,
                description=evaluation.description or "",
            )
        )

    def _made(self, made: dg.AssetMaterialization) -> None:
        self._counts["assets"] += 1
        self._asset = made.asset_key.path[-1]
        self._metadata = {name: value.value for name, value in made.metadata.items()}

    def _done(self, step: str, seconds: float) -> None:
        shown = label(step, self._asset)
        self.line(f"  ok    {shown:<42} {summary(step, self._counts, self._metadata):<44} {seconds:6.1f} s")

    def _broke(self, step: str, problem: str) -> None:
        self.failed_steps.append(FailedStep(label(step), problem))
        self.line(f"  FAIL  {label(step):<42} {problem.splitlines()[0] if problem else ''}")


def label(step: str, asset: str = "") -> str:
    """A step as people call it; a feed's step by its feed, or by its own name before it made its asset."""
    names = {
        "raw__refresh": "begin",
        "ops__access_log": "audit",
        "contents_are_plausible": "are the new files plausible?",
        "dbt_before_matching": "dbt: before matching",
        "matching__voters": "matching: voters",
        "matching__identities": "matching: identities",
        "matching__match_model": "matching: model",
        "matching__matches": "matching: matches",
        "ids_agree_with_names": "do ids agree with names?",
        "dbt": "dbt: after matching",
        "published__partner_views": "publish",
    }
    if step.startswith("take_"):
        return f"feed {asset or step.split('_', 2)[2]}"
    return names.get(step, step)


def summary(step: str, counts: Counter[str], metadata: Mapping[str, Any]) -> str:
    """What a finished step did, in a few words."""
    failed = f", {counts['failed']} not passed" if counts["failed"] else ""
    if step.startswith("take_"):
        return _counted(metadata, "files", "loaded", "rejected", "refused") or "nothing new"
    if step in ("dbt_before_matching", "dbt"):
        return f"{counts['assets']} relations, {counts['checks']} tests{failed}"
    if step == "ops__access_log":
        return _counted(metadata, "statements", "expired") or "nothing new"
    if step in ("contents_are_plausible", "ids_agree_with_names"):
        return f"{counts['checks']} feeds{failed}"
    if step in ("matching__voters", "matching__identities"):
        return _counted(metadata, "new", "changed", "removed") or "nothing new"
    if step == "matching__match_model":
        return f"version {metadata.get('version')}{', trained now' if metadata.get('is_new') else ''}"
    if step == "matching__matches":
        return _counted(metadata, "accepted", "review", "unmatched")
    if "publication_id" in metadata:
        return f"publication {metadata['publication_id']}"
    return f"refresh {metadata['refresh_id']}, as of {metadata['as_of'][:19]}" if "refresh_id" in metadata else ""


def _counted(metadata: Mapping[str, Any], *names: str) -> str:
    return ", ".join(f"{metadata[name]:,} {name}" for name in names if metadata.get(name))


def root_problem(error: Any) -> str:
    """The message of the first cause: "relation is missing", not "an error occurred while executing op".

    Of dbt's failure only what dbt itself said, a line each.
    """
    if error is None:
        return ""
    while error.cause is not None:
        error = error.cause
    text = str(error.message).strip()
    blocking = text.partition("failed with ERROR severity:")[2]
    if blocking:
        return f"stopped by {', '.join(line.strip() for line in blocking.splitlines() if line.strip())}"
    said_by_dbt = text.partition("Errors parsed from dbt logs:")[2]
    if said_by_dbt:
        return "\n".join(line.strip() for line in said_by_dbt.splitlines() if line.strip())
    return text.partition(": ")[2] or text
