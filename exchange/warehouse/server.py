"""The embedded server: one Postgres per EXCHANGE_HOME, on 127.0.0.1, that outlives who started it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from exchange.errors import ExchangeError, Place
from exchange.settings import Settings
from exchange.warehouse.binaries import Binaries, find_binaries
from exchange.warehouse.cluster import ADMIN_USER, CLEAN_ENVIRONMENT, create_cluster, write_configuration
from exchange.warehouse.file_lock import exclusive
from exchange.warehouse.ports import answers, choose_port
from exchange.warehouse.postmaster import (
    clear_dead_postmaster,
    is_gone,
    is_postmaster,
    read_lock_file,
    wait_until_gone,
)
from exchange.warehouse.server_log import ServerLog
from exchange.warehouse.server_user import ServerUser, server_user
from exchange.warehouse.tls import read_certificate

__all__ = ["ADMIN_USER", "EmbeddedServer", "ServerStatus"]

# recovery after a crash replays up to max_wal_size; a slow disk needs minutes for it
START_SECONDS = 300.0
STOP_SECONDS = 60.0
PORT_ATTEMPTS = 5


@dataclass(frozen=True)
class ServerStatus:
    """What is known of the embedded server now. port and pid are None unless it is running."""

    running: bool
    port: int | None
    pid: int | None
    version: str | None
    data_dir: Path
    binaries: Path | None
    log_file: Path


class PortTakenError(Exception):
    """Another process took the port between our look and the server's bind."""


class EmbeddedServer:
    """Starts and stops the server of one EXCHANGE_HOME. Any number of processes may call it at once."""

    def __init__(self, settings: Settings, binaries: Path | None = None) -> None:
        """`binaries`: a `bin` folder to use instead of the wheel's (tests use Debian's PostgreSQL 15)."""
        self._home = settings.home
        self._settings = settings
        self._binaries_folder = binaries
        # resolved, because a running server is recognised by the path on its command line
        self.pgdata = settings.pgdata.resolve()
        self._log = ServerLog(settings.home)
        self.log_file = self._log.file
        self._port_file = settings.home / "port"

    def status(self) -> ServerStatus:
        """Ready for connections or not. Reads two files; does not wait for anything."""
        lock = read_lock_file(self.pgdata)
        running = lock is not None and lock.is_ready and is_postmaster(lock.pid, self.pgdata)
        binaries = self._binaries(required=False)
        return ServerStatus(
            running=running,
            port=lock.port if running and lock else None,
            pid=lock.pid if running and lock else None,
            version=binaries.version if binaries else None,
            data_dir=self.pgdata,
            binaries=binaries.folder if binaries else None,
            log_file=self.log_file,
        )

    def port(self) -> int | None:
        """The port of the running server, or None. The cheap part of status()."""
        lock = read_lock_file(self.pgdata)
        return lock.port if lock and lock.is_ready and is_postmaster(lock.pid, self.pgdata) else None

    def start(self) -> ServerStatus:
        """Make sure that the server runs and accepts connections; the first call creates its data folder.

        Raises ExchangeError with the end of the server's log when it does not come up.
        """
        if not self._answers():
            self._home.mkdir(parents=True, exist_ok=True)
            with self._locked():
                if not self._answers():
                    self._start()
        return self.status()

    def stop(self) -> bool:
        """Fast shutdown: nothing committed is lost, open transactions are. False if it did not run."""
        if read_lock_file(self.pgdata) is None:
            return False
        with self._locked():
            lock = read_lock_file(self.pgdata)
            if lock is None or not is_postmaster(lock.pid, self.pgdata):
                return False
            for number in (signal.SIGINT, signal.SIGQUIT):
                with suppress(ProcessLookupError):
                    os.kill(lock.pid, number)
                if wait_until_gone(lock.pid, STOP_SECONDS):
                    # a postmaster ended at once (SIGQUIT) leaves children for a moment
                    clear_dead_postmaster(self.pgdata)
                    return True
            raise ExchangeError(
                "The database server does not stop.",
                place=Place(file=str(self.pgdata)),
                got=f"process {lock.pid}",
                remedy=f"See {self.log_file}; last resort: kill -9 {lock.pid} (the next start recovers).",
            )

    def _answers(self) -> bool:
        """Whether the server not only looks alive: one killed an instant ago still has its entry in /proc."""
        port = self.port()
        return port is not None and answers(port)

    def _start(self) -> None:
        lock = read_lock_file(self.pgdata)
        if lock and is_postmaster(lock.pid, self.pgdata):
            if lock.state not in ("ready", "stopping"):
                # started a moment ago by something else than us, or recovering from a crash
                self._await_ready(lock.pid, log_offset=self._log.size())
                return
            if not wait_until_gone(lock.pid, STOP_SECONDS):
                raise self._failure(f"The database server (process {lock.pid}) does not answer.", "")
        clear_dead_postmaster(self.pgdata)
        certificate = read_certificate(self._settings)
        binaries = self._binaries(needs_tls=certificate is not None)
        assert binaries is not None
        user = server_user(self.pgdata, binaries)
        if not (self.pgdata / "PG_VERSION").exists():
            create_cluster(self._settings, self.pgdata, binaries, user)
        write_configuration(self.pgdata, binaries.major, user, self._log.prepare(user), certificate)
        for attempt in range(PORT_ATTEMPTS):
            try:
                self._launch(
                    binaries,
                    user,
                    choose_port(self._settings.database_port, self._port_file, retry=attempt > 0),
                )
                return
            except PortTakenError:
                continue
        raise ExchangeError("No free port was found on 127.0.0.1.", got=f"{PORT_ATTEMPTS} attempts")

    def _launch(self, binaries: Binaries, user: ServerUser, port: int) -> None:
        log = self._log.open()
        offset = self._log.size()
        pid = self._spawn(user, _server_command(binaries, self.pgdata, port), log)
        self._await_ready(pid, offset)
        self._port_file.write_text(f"{port}\n")

    def _spawn(self, user: ServerUser, argv: list[str], log: int) -> int:
        """Start the daemon and return its pid; the launcher between us and it has ended when this returns.

        log: where it says what goes wrong before its log collector runs; closed here.
        """
        reader, writer = os.pipe()
        try:
            done = subprocess.run(
                user.command(argv, report_fd=writer),
                env=CLEAN_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(writer,),
                check=False,
            )
            os.close(writer)
            writer = -1
            reported = os.read(reader, 32)
        finally:
            for handle in (reader, writer, log):
                if handle >= 0:
                    os.close(handle)
        if done.returncode != 0 or not reported:
            raise self._failure("The database server could not be started.", self._log.tail(0))
        return int(reported)

    def _await_ready(self, pid: int, log_offset: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            lock = read_lock_file(self.pgdata)
            if lock and lock.pid == pid and lock.is_ready:
                return
            if is_gone(pid):
                tail = self._log.tail(log_offset, pid)
                if "could not bind" in tail or "could not create any TCP/IP sockets" in tail:
                    raise PortTakenError
                raise self._failure("The database server ended while starting.", tail)
            if time.monotonic() > deadline:
                raise self._failure(f"The database server is not ready after {START_SECONDS:.0f} s.", "")
            time.sleep(0.01)

    def _binaries(self, required: bool = True, needs_tls: bool = False) -> Binaries | None:
        try:
            major = int((self.pgdata / "PG_VERSION").read_text())
        except (OSError, ValueError):
            major = None
        try:
            return find_binaries(major, self._binaries_folder, needs_tls)
        except ExchangeError:
            if required:
                raise
            return None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with exclusive(self._home / "server.lock", seconds=START_SECONDS + STOP_SECONDS):
            yield

    def _failure(self, problem: str, tail: str) -> ExchangeError:
        last_lines = " / ".join(tail.splitlines()[-5:])
        free = shutil.disk_usage(self._home).free // 1_000_000
        return ExchangeError(
            f"{problem} {last_lines}".strip(),
            place=Place(file=str(self.log_file)),
            remedy=f"Read the log ({free} MB are free on this disk), then `exchange db start` again.",
        )


def _server_command(binaries: Binaries, pgdata: Path, port: int) -> list[str]:
    # on the command line, where no ALTER SYSTEM can open the server to the network
    fixed = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": ""}
    options = [word for name, value in fixed.items() for word in ("-c", f"{name}={value}")]
    return [str(binaries.program("postgres")), "-D", str(pgdata), *options]
