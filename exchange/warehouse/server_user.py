"""As whom the embedded server runs. Postgres refuses root, so root hands it to an unprivileged user.

That user often cannot reach its own data: homes and virtual environments lie under folders such as /root or
a mkdtemp (0700), which only root may pass. Opening those folders (what the wheel's own code does: it chmods
every parent) would expose whatever else lies in them. Instead the server keeps one capability over the change
of user, CAP_DAC_READ_SEARCH: it may pass and read folders, and write nowhere but in its own data folder.
Where that one is not to be had (Docker's default set lacks it) or does not suffice (programs that only root
may execute), it is CAP_DAC_OVERRIDE. The price: the server's superuser, whose password only root can read,
can read files as root could. When everything is reachable, no capability is kept.
"""

from __future__ import annotations

import json
import os
import pwd
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from exchange.errors import ExchangeError, Place
from exchange.warehouse.binaries import Binaries

CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
LAUNCHER = Path(__file__).with_name("launcher.py")
PREFERRED_USERS = ("postgres", "nobody")


@dataclass(frozen=True)
class ServerUser:
    """uid and gid to change to (None: stay who we are) and the capability to keep (None: none)."""

    uid: int | None = None
    gid: int | None = None
    capability: int | None = None

    def command(self, argv: list[str], report_fd: int | None = None) -> list[str]:
        """The command line that runs `argv` as this user; see launcher.py for `report_fd`."""
        plan = {
            "argv": argv,
            "uid": self.uid,
            "gid": self.gid,
            "capability": self.capability,
            "report_fd": report_fd,
            "directory": "/",
        }
        # -I -S: nothing of the environment or of site-packages is loaded, so it takes 15 ms
        return [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(plan)]

    def run(self, argv: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(argv), env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    def give(self, path: Path) -> None:
        """Make this user the owner of one path; never of what lies above or below it."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def server_user(pgdata: Path, binaries: Binaries) -> ServerUser:
    """Who runs the server on `pgdata`, which may not exist yet.

    Raises ExchangeError when the data folder belongs to somebody we cannot be, or when root has no way to let
    an unprivileged user reach it.
    """
    me = os.geteuid()
    owner = pgdata.stat().st_uid if pgdata.exists() and any(pgdata.iterdir()) else None
    if me != 0:
        if owner not in (None, me):
            raise ExchangeError(
                "The embedded server's data folder belongs to another user.",
                place=Place(file=str(pgdata)),
                expected=f"owner {_name(me)}",
                got=_name(owner),
                remedy="Run as that user, or choose another EXCHANGE_HOME.",
            )
        return ServerUser()
    if owner == 0:
        raise ExchangeError(
            "The embedded server's data folder belongs to root, and Postgres does not run as root.",
            place=Place(file=str(pgdata)),
            remedy=f"Give it to an unprivileged user: chown -R nobody {pgdata}",
        )
    uid, gid = _account(owner)
    return ServerUser(uid, gid, _needed_capability(uid, gid, pgdata, binaries))


def _account(owner: int | None) -> tuple[int, int]:
    if owner is not None:
        try:
            return owner, pwd.getpwuid(owner).pw_gid
        except KeyError:
            return owner, owner
    for name in PREFERRED_USERS:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return account.pw_uid, account.pw_gid
    raise ExchangeError(
        "Postgres does not run as root, and there is no user to run it as.",
        expected=" or ".join(PREFERRED_USERS),
        remedy="Create one (useradd --system postgres), run as another user, or set EXCHANGE_DATABASE_URL.",
    )


def _needed_capability(uid: int, gid: int, pgdata: Path, binaries: Binaries) -> int | None:
    program = binaries.program("postgres")
    installation = binaries.folder.parent
    needs_override = not _allows(program, uid, gid, stat.S_IXOTH)
    folders = {*pgdata.absolute().parents, *program.parents}
    folders |= {installation / part for part in ("lib", "share") if (installation / part).exists()}
    folders |= {folder.resolve() for folder in folders}
    needs_search = not all(_allows(folder, uid, gid, stat.S_IXOTH) for folder in folders) or not _allows(
        program, uid, gid, stat.S_IROTH
    )
    if not needs_override and not needs_search:
        return None
    wanted = (CAP_DAC_OVERRIDE,) if needs_override else (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE)
    for capability in wanted:
        if _available(capability):
            return capability
    raise ExchangeError(
        f"The user {_name(uid)}, who runs the database for root, cannot reach its data or its programs.",
        place=Place(file=f"{pgdata} or {binaries.folder}"),
        expected="folders that everybody may pass, or the capability CAP_DAC_READ_SEARCH or CAP_DAC_OVERRIDE",
        remedy="Use a folder whose parents have mode 755 for EXCHANGE_HOME, or do not run as root.",
    )


def _allows(path: Path, uid: int, gid: int, other_bit: int) -> bool:
    """Whether the mode of `path` gives uid/gid what `other_bit` (S_IXOTH or S_IROTH) would give others."""
    if not path.exists():
        return True
    status = path.stat()
    if status.st_uid == uid:
        return bool(status.st_mode & (other_bit << 6))
    if status.st_gid == gid:
        return bool(status.st_mode & (other_bit << 3))
    return bool(status.st_mode & other_bit)


def _available(capability: int) -> bool:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return False
    masks = {line.split(":")[0]: int(line.split(":")[1], 16) for line in lines if line.startswith("Cap")}
    return all(masks.get(name, 0) >> capability & 1 for name in ("CapPrm", "CapBnd"))


def _name(uid: int | None) -> str:
    if uid is None:
        return "nobody known"
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
