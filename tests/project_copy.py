"""A copy of the project in which tests may add files: models, registry rows, expectations."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = Path(sys.executable).parent
FOLDERS = ("exchange", "orchestration", "expectations", "models", "macros", "seeds", "dbt_project", "docs")
FILES = ("pyproject.toml", "dbt_project.yml", "Makefile", "requirements.lock")


class ProjectCopy:
    """The project below `folder`, with a home, a registry and a temporary folder of its own; driven by commands."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.home = folder / "home"
        self.registry = self.home / "registry"
        self.temporary = folder / "tmp"
        self.root.mkdir(parents=True)
        self.temporary.mkdir()
        for name in FOLDERS:
            shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in FILES:
            shutil.copy2(ROOT / name, self.root)
        program = folder / "bin" / "exchange"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m exchange.cli "$@"\n')
        program.chmod(0o755)
        self._path = f"{program.parent}:{SCRIPTS}:{os.environ['PATH']}"

    def variables(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("EXCHANGE_", "DBT_"))}
        return kept | {
            "PATH": self._path,
            "PYTHONPATH": str(self.root),
            "TMPDIR": str(self.temporary),
            "EXCHANGE_HOME": str(self.home),
            "EXCHANGE_REGISTRY": str(self.registry),
            "EXCHANGE_AS_OF": "2026-10-20T15:00:00+00:00",
            "EXCHANGE_DEVELOPER": "Ana O'Neil",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }

    def attempt(self, script: str) -> subprocess.CompletedProcess[str]:
        """A bash script in the project's folder, to its end, however it ends."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.root,
            env=self.variables(),
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    def run(self, script: str) -> str:
        """Standard output; a failure shows the end of what was said."""
        done = self.attempt(script)
        assert done.returncode == 0, (
            f"{script}\nended with {done.returncode}:\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
        )
        return done.stdout
