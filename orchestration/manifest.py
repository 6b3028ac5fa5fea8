"""dbt's manifest, parsed again when the project changed since. Imports neither Dagster nor dbt."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from exchange.errors import ExchangeError
from exchange.settings import PROJECT_ROOT, Settings
from orchestration.environment import SCRIPTS, base_variables, dbt_home


def prepared_manifest(settings: Settings) -> Path:
    """The path of an up-to-date manifest. Runs `dbt parse` (about 5 s, no database) only when the project changed.

    Raises ExchangeError with dbt's own words when the project does not parse.
    """
    home = dbt_home(settings)
    home.mkdir(parents=True, exist_ok=True)
    manifest, stamp = home / "manifest.json", home / "manifest.digest"
    # webserver and daemon load the definitions at the same moment: one parses, the other waits
    with (home / "manifest.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        digest = project_digest(PROJECT_ROOT, settings.registry)
        if not (manifest.exists() and stamp.exists() and stamp.read_text() == digest):
            stamp.unlink(missing_ok=True)
            _parse(settings)
            stamp.write_text(digest)
    return manifest


def project_digest(root: Path, registry: Path) -> str:
    """Changes when a file that dbt parses changes. Of a CSV only the name counts: its rows are not in the manifest."""
    digest = hashlib.sha256(str(registry).encode())
    for path in _project_files(root, registry):
        state = path.stat()
        digest.update(f"{path}\0".encode())
        if path.suffix != ".csv":
            digest.update(f"{state.st_size}\0{state.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def _project_files(root: Path, registry: Path) -> Iterator[Path]:
    yield root / "dbt_project.yml"
    for folder in (
        root / "models",
        root / "macros",
        root / "dbt_project",
        root / "seeds" / "vocabulary",
        registry,
    ):
        yield from sorted(path for path in folder.rglob("*") if path.suffix in {".sql", ".yml", ".md", ".csv"})


def _parse(settings: Settings) -> None:
    command = [
        str(SCRIPTS / "dbt"),
        "--quiet",
        "--no-use-colors",
        "parse",
        "--project-dir",
        str(PROJECT_ROOT),
    ]
    done = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, **base_variables(settings)},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()
        raise ExchangeError("The dbt project does not parse.", remedy=f"dbt says:\n{said}")
