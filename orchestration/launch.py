"""`python -m orchestration.launch webserver|daemon …`: becomes that Dagster process, in this exchange's environment."""

from __future__ import annotations

import os
import sys

from exchange.settings import PROJECT_ROOT, Settings
from orchestration import environment

SERVICES = {
    "webserver": ["dagster-webserver", "--host", "127.0.0.1"],
    "daemon": ["dagster-daemon", "run"],
}
CODE = ["--module-name", "orchestration.definitions", "--working-directory", str(PROJECT_ROOT)]


def main(service: str, *options: str) -> None:
    """Prepare the environment and become the service; the database must be running."""
    settings = Settings()
    environment.enter(settings)
    if service == "daemon":
        _close_dead_runs(settings)
    program, *arguments = SERVICES[service]
    path = str(environment.SCRIPTS / program)
    os.chdir(PROJECT_ROOT)
    os.execv(path, [path, *arguments, *CODE, *options])


def _close_dead_runs(settings: Settings) -> None:
    """A refresh that was killed must not keep the queue waiting for it."""
    import dagster as dg

    from exchange.warehouse.run_lock import AlreadyRunningError, only_run
    from orchestration.resources import close_dead_runs

    try:
        with only_run(settings), dg.DagsterInstance.get() as instance:
            close_dead_runs(instance)
    except AlreadyRunningError:
        return  # it lives


if __name__ == "__main__":
    main(*sys.argv[1:])
