"""`python -m orchestration.refresh [--feed F]… [--no-new-files] [--full] [--report FILE]`: the refresh job, right here.

It is the run that the Dagster UI shows; only the start differs: no daemon, no code server, no second import.
Exit code: 0 done, 1 a step failed or a check did not pass, 130 interrupted. The terminal gets a line per step, a log
file the rest.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from exchange.errors import ExchangeError
from exchange.settings import Settings
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import ensure_running
from exchange.warehouse.run_lock import only_run
from orchestration import environment

if TYPE_CHECKING:
    import dagster as dg

    from orchestration.progress import Progress

# so that the UI lists the run under the job that `exchange up` loads
CODE_LOCATION = {".dagster/repository": "__repository__@orchestration.definitions"}
INTERRUPTED = 130
LARGEST_LOG = 10 * 1024 * 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one refresh; returns the exit code."""
    asked = _parser().parse_args(arguments)
    # Dagster ends a run properly, dbt included, on an interrupt; a plain SIGTERM would leave dbt behind
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = Settings()
    log = environment.logs(settings) / "refresh.log"
    terminal, errors = streams_to(log)
    started = time.monotonic()
    try:
        ensure_running(settings)
        bootstrap(settings)
        environment.enter(settings)
        run_id, progress = run(settings, asked.feed, new_files=asked.new_files, full=asked.full, terminal=terminal)
    except KeyboardInterrupt:
        print("Interrupted before the end; what partners see is as it was.", file=errors)
        return INTERRUPTED
    except ExchangeError as error:
        print(error, file=errors)
        return 1
    if asked.report:
        report = {"run_id": run_id, "seconds": round(time.monotonic() - started, 1), **progress.report()}
        asked.report.write_text(json.dumps(report), encoding="utf-8")
    if progress.failed_steps:
        print(f"The whole log: {log}", file=errors)
    return 1 if progress.has_failed else 0


def run(
    settings: Settings, feeds: Sequence[str], *, new_files: bool, full: bool, terminal: TextIO
) -> tuple[str, Progress]:
    """Execute the job; returns its run id and what happened. Raises AlreadyRunningError beside another run."""
    import dagster as dg

    from orchestration.progress import Progress
    from orchestration.resources import keep_connections

    with only_run(settings):
        # told before a run exists; the run takes the lock itself
        pass
    from orchestration.definitions import defs

    job = defs.resolve_job_def("refresh_job")
    run_id = str(uuid.uuid4())
    progress = Progress(line=lambda text: print(text, file=terminal, flush=True))
    with dg.DagsterInstance.get() as instance:
        keep_connections(instance)
        instance.add_event_listener(run_id, progress)
        job.execute_in_process(
            run_id=run_id,
            instance=instance,
            asset_selection=selection(job, feeds, new_files=new_files),
            run_config=run_config(full=full),
            tags=CODE_LOCATION | ({"exchange/feeds": " ".join(feeds)} if feeds else {}),
            raise_on_error=False,
        )
    return run_id, progress


def selection(job: dg.JobDefinition, feeds: Sequence[str], *, new_files: bool = True) -> list[dg.AssetKey] | None:
    """Everything but the feeds that were not asked for, or (without new_files) all feeds; null for all.

    Raises ExchangeError for an unknown feed.
    """
    from orchestration.definitions import registered
    from orchestration.feeds import feed_key

    if new_files and not feeds:
        return None
    known = {feed.feed_id for feed in registered}
    for unknown in sorted(set(feeds) - known):
        raise ExchangeError("There is no such feed.", expected=", ".join(sorted(known)), got=unknown)
    left_out = {feed_key(feed_id) for feed_id in known - set(feeds)}
    return sorted(set(job.asset_layer.executable_asset_keys) - left_out)


def run_config(*, full: bool) -> dict[str, Any]:
    """Run config of the job; the same can be typed into the launchpad of the UI."""
    return {
        "ops": {step: {"config": {"full": full}} for step in ("dbt_before_matching", "matching__matches", "dbt")},
        "loggers": {"console": {"config": {"log_level": "INFO"}}},
    }


def streams_to(log: Path) -> tuple[TextIO, TextIO]:
    """Append this process's output, and dbt's, to a file; returns the stdout and stderr that were there before."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    before = [os.fdopen(os.dup(number), "w", buffering=1, encoding="utf-8") for number in (1, 2)]
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as target:
        os.dup2(target.fileno(), 1)
        os.dup2(target.fileno(), 2)
    return before[0], before[1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m orchestration.refresh", description="One refresh of the exchange.")
    parser.add_argument("--feed", action="append", default=[], help="take the files of this feed only; may be repeated")
    parser.add_argument("--no-new-files", dest="new_files", action="store_false", help="take nothing from any inbox")
    parser.add_argument("--full", action="store_true", help="rebuild incremental models and matches from scratch")
    parser.add_argument("--report", type=Path, help="write what happened to this file, as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
