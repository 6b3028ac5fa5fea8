"""The jobs, and what starts a refresh unattended. All in one process: a step costs milliseconds, not an import."""

import hashlib
import time
from collections.abc import Sequence

import dagster as dg

from exchange.intake.inbox import WaitingFile, waiting_files
from exchange.registry import Feed
from exchange.settings import Settings
from orchestration.matching import MODEL_KEY
from orchestration.resources import RUN_KIND

# a file that changed a moment ago may still be on its way in
SETTLED_SECONDS = 60
WAITING = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]

refresh_job = dg.define_asset_job(
    "refresh_job",
    selection=dg.AssetSelection.all(),
    description="One refresh: take new files, build, check, publish. `exchange refresh` runs the same job.",
    executor_def=dg.in_process_executor,
    tags=RUN_KIND,
)

retrain_job = dg.define_asset_job(
    "retrain_job",
    selection=dg.AssetSelection.assets(MODEL_KEY).downstream(),
    description="Train the matching model anew from what the last refresh took; score everybody, build, publish.",
    executor_def=dg.in_process_executor,
    tags=RUN_KIND,
    config={"ops": {MODEL_KEY.to_python_identifier(): {"config": {"retrain": True}}}},
)


@dg.schedule(job=refresh_job, cron_schedule="5 * * * *", default_status=dg.DefaultScheduleStatus.RUNNING)
def hourly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Embargoes end and rules begin without any new file; five past, so that midnight UTC has passed."""
    if _is_waiting_or_running(context.instance):
        return dg.SkipReason("A refresh is waiting or running.")
    return dg.RunRequest()


def new_files_sensor(feeds: Sequence[Feed]) -> dg.SensorDefinition:
    """Starts a refresh when the inbox changed and has settled."""

    @dg.sensor(job=refresh_job, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
    def new_files(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason | None:
        """Looks at names, sizes and times only; intake knows by content which files are new."""
        files = inbox_files(Settings(), feeds)
        seen = fingerprint(files)
        if seen == context.cursor:
            return dg.SkipReason("Nothing new in the inbox.")
        if any(time.time() - file.mtime_ns / 1e9 < SETTLED_SECONDS for file in files):
            return dg.SkipReason("A file changed a moment ago; waiting until it is whole.")
        if _is_waiting_or_running(context.instance):
            return dg.SkipReason("A refresh is waiting or running.")
        context.update_cursor(seen)
        return dg.RunRequest()

    return new_files


def inbox_files(settings: Settings, feeds: Sequence[Feed]) -> list[WaitingFile]:
    """Every file that some feed would take, in the order of feeds and names."""
    return [file for feed in feeds for file in waiting_files(settings, feed)]


def fingerprint(files: Sequence[WaitingFile]) -> str:
    """Changes when a file comes, goes, grows or is written again."""
    return hashlib.sha256(repr(files).encode()).hexdigest()


def _is_waiting_or_running(instance: dg.DagsterInstance) -> bool:
    return instance.get_runs_count(dg.RunsFilter(tags=RUN_KIND, statuses=WAITING)) > 0
