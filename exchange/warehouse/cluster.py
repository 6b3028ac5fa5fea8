"""A new data folder: initdb, then our own configuration in place of the samples it writes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from exchange.errors import ExchangeError, Place
from exchange.settings import Settings
from exchange.warehouse.binaries import Binaries
from exchange.warehouse.credentials import keep_password
from exchange.warehouse.server_user import ServerUser
from exchange.warehouse.tls import SETTINGS as TLS_SETTINGS
from exchange.warehouse.tls import Certificate
from exchange.warehouse.tuning import HOST_BASED_ACCESS, HOST_BASED_ACCESS_BY_TLS, configuration

ADMIN_USER = "exchange_admin"
# what the server's processes see: no PG* variable of the caller, no password, one locale
CLEAN_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def create_cluster(settings: Settings, pgdata: Path, binaries: Binaries, user: ServerUser) -> None:
    """Create the cluster at `pgdata`: all of it or nothing, also if the machine stops half-way.

    UTF-8, text in code point order (as Python sorts it), superuser exchange_admin with a random password.
    Raises ExchangeError if something else lies there, or with what initdb said.
    """
    if pgdata.exists() and any(pgdata.iterdir()):
        raise ExchangeError(
            "The folder of the database holds something that is not a database.",
            place=Place(file=str(pgdata)),
            remedy="Look at it, move it away, then start again.",
        )
    if pgdata.is_mount():
        # a volume of its own cannot be renamed over
        user.give(pgdata)
        _initdb(settings, pgdata, binaries, user)
        return
    unfinished = pgdata.with_name(f"{pgdata.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    user.give(unfinished)
    try:
        _initdb(settings, unfinished, binaries, user)
        unfinished.rename(pgdata)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def write_configuration(
    pgdata: Path, major: int, user: ServerUser, further: Mapping[str, str], certificate: Certificate | None
) -> None:
    """Replace postgresql.conf, pg_hba.conf and the server's certificate.

    `further`: settings that depend on this exchange's folders. The certificate is copied, because the key must belong
    to the server's user and be closed to all others, and the operator's own file need not be.
    """
    # file -> text; None: there is none
    files = {
        "server.crt": certificate.chain if certificate else None,
        "server.key": certificate.key if certificate else None,
        "postgresql.conf": configuration(major, {**further, **(TLS_SETTINGS if certificate else {})}),
        "pg_hba.conf": HOST_BASED_ACCESS_BY_TLS if certificate else HOST_BASED_ACCESS,
    }
    for name, text in files.items():
        if not text:
            (pgdata / name).unlink(missing_ok=True)
        else:
            _replace(pgdata / name, text, user)


def _initdb(settings: Settings, folder: Path, binaries: Binaries, user: ServerUser) -> None:
    password = keep_password(settings, ADMIN_USER).get_secret_value()
    handle, name = tempfile.mkstemp(dir=settings.home, prefix=".initdb-")
    password_copy = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(password)
        user.give(password_copy)
        argv = [
            str(binaries.program("initdb")),
            *("-D", str(folder), "-U", ADMIN_USER, f"--pwfile={password_copy}", "--encoding=UTF8"),
            *("--auth-host=scram-sha-256", "--auth-local=scram-sha-256", *_locale(binaries.major)),
        ]
        done = user.run(argv, env=CLEAN_ENVIRONMENT)
    finally:
        password_copy.unlink(missing_ok=True)
    if done.returncode != 0:
        raise ExchangeError(
            f"The database could not be created: {_reason(done.stderr or done.stdout)}",
            place=Place(file=str(folder)),
            remedy=f"{shutil.disk_usage(settings.home).free // 1_000_000} MB are free on this disk.",
        )


def _locale(major: int) -> list[str]:
    # Code point order everywhere. Postgres 17 and later bring C.UTF-8 themselves; before, the machine must.
    if major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _replace(path: Path, text: str, user: ServerUser) -> None:
    """Replace a file of the data folder, which is not ours if we are root: follow no link."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        if user.uid is not None and user.gid is not None:
            os.fchown(handle, user.uid, user.gid)
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def _reason(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower() or "fatal" in line.lower() or "launcher" in line]
    return " / ".join(errors[:3] or lines[-2:])
