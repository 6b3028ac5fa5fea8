"""Folders and variables that every process of Dagster and dbt needs. Imports neither: it runs before both."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from exchange.settings import PROJECT_ROOT, Settings
from exchange.warehouse.connection import connection_info
from exchange.warehouse.dbt_macros import macros_variable

INSTANCE_FILE = Path(__file__).with_name("dagster.yaml")
PROFILES = PROJECT_ROOT / "dbt_project"
# the entry points of this interpreter's environment, whether or not it is on PATH
SCRIPTS = Path(sys.executable).parent


def dbt_home(settings: Settings) -> Path:
    """Where dbt puts manifest, compiled SQL and logs; never in the repository."""
    return settings.home / "dbt"


def logs(settings: Settings) -> Path:
    """Output of every step, one folder per run, and of refreshes started by hand."""
    return settings.dagster_home / "logs"


def base_variables(settings: Settings) -> dict[str, str]:
    """Variables that need no database: where things are, and no telemetry of any tool."""
    return {
        "EXCHANGE_HOME": str(settings.home),
        "EXCHANGE_REGISTRY": str(settings.registry),
        "EXCHANGE_DAGSTER_LOGS": str(logs(settings)),
        "DAGSTER_HOME": str(settings.dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DBT_PROFILES_DIR": str(PROFILES),
        "DBT_TARGET_PATH": str(dbt_home(settings)),
        "DBT_LOG_PATH": str(dbt_home(settings)),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_VERSION_CHECK": "false",
        **macros_variable(),
        "GX_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def database_variables(settings: Settings) -> dict[str, str]:
    """Variables with the passwords of dbt's and Dagster's roles. Needs credentials, not a running server."""
    return {
        **connection_info(settings, "dbt").as_env(),
        "EXCHANGE_DAGSTER_DATABASE_URL": connection_info(settings, "dagster").url(),
    }


def enter(settings: Settings) -> None:
    """Make this process, and those it starts, a process of this exchange's Dagster. The database must be running."""
    logs(settings).mkdir(parents=True, exist_ok=True)
    dbt_home(settings).mkdir(parents=True, exist_ok=True)
    _copy_if_changed(INSTANCE_FILE, settings.dagster_home / INSTANCE_FILE.name)
    os.environ.update(base_variables(settings) | database_variables(settings))


def _copy_if_changed(source: Path, target: Path) -> None:
    text = source.read_text(encoding="utf-8")
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return
    # replaced in one step: the daemon may be reading it
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(target)
