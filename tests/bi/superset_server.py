"""Apache Superset on a free loopback port, with a folder of its own; all its processes end with the block."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from tests.bi.programs import CLIENTS

# measured: 20 s to make its own tables, 15 s for its user, 20 s for the rights of that user, 8 s to start
SECONDS = 600
CONFIGURATION = """
SECRET_KEY = "{secret}"
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/superset.db"
# the test speaks to the API as a program: tokens instead of cookies
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
RATELIMIT_ENABLED = False
"""


class SupersetServer:
    """`call` speaks to its REST API as its administrator."""

    def __init__(self, folder: Path) -> None:
        self.program = CLIENTS / "superset"
        if not self.program.exists():
            pytest.fail(f"{self.program} is missing: `make test-bi` installs Apache Superset")
        self.folder = folder
        self.password = secrets.token_urlsafe(16)
        configuration = folder / "superset_config.py"
        configuration.write_text(CONFIGURATION.format(secret=secrets.token_urlsafe(32), folder=folder))
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "EXCHANGE_"))}
        self.environment = kept | {
            "SUPERSET_HOME": str(folder),
            "SUPERSET_CONFIG_PATH": str(configuration),
            "FLASK_APP": "superset",
            "SCARF_ANALYTICS": "false",
        }
        self.token: str | None = None
        self.server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._run("db", "upgrade")
        names = ("--username", "admin", "--firstname", "A", "--lastname", "B", "--email", "admin@example.org")
        self._run("fab", "create-admin", *names, "--password", self.password)
        self._run("init")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = taken.getsockname()[1]
        with (self.folder / "superset.log").open("wb") as log:
            self.server = subprocess.Popen(
                [str(self.program), "run", "--host", "127.0.0.1", "--port", str(self.port), "--with-threads"],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._await_login()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        """Status and answer of one request."""
        headers = {"Content-Type": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        sent = None if body is None else json.dumps(body).encode()
        request = Request(f"http://127.0.0.1:{self.port}/api/v1/{path}", method=method, data=sent, headers=headers)
        try:
            with urlopen(request, timeout=120) as answer:
                return answer.status, json.load(answer)
        except HTTPError as refusal:
            return refusal.code, json.load(refusal)

    def _run(self, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.program), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"superset {arguments[0]}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"

    def _await_login(self) -> None:
        deadline = time.monotonic() + SECONDS
        login = {"username": "admin", "password": self.password, "provider": "db", "refresh": False}
        while self.token is None:
            try:
                _, answer = self.call("POST", "security/login", login)
                self.token = answer["access_token"]
            except (URLError, ConnectionError):
                log = (self.folder / "superset.log").read_text()
                assert self.server is not None and self.server.poll() is None, f"Superset ended:\n{log[-3000:]}"
                assert time.monotonic() < deadline, f"Superset did not start:\n{log[-3000:]}"
                time.sleep(0.5)

    def _stop(self) -> None:
        if self.server is None:
            return
        for stop in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.server.pid, stop)
                self.server.wait(timeout=20)
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue
