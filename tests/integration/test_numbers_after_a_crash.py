"""Numbers that were given are never given again, whatever happens to the server."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from exchange.publishing.transaction import only_publication
from exchange.settings import Settings
from exchange.warehouse import accounts
from exchange.warehouse.connection import connect, ensure_running
from exchange.warehouse.server import EmbeddedServer
from tests.servers import fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


def next_numbers(settings: Settings, email: str) -> tuple[int, int]:
    """The numbers of a user and of a publication that are made now."""
    with connect(settings, "admin", autocommit=True) as conn:
        user = accounts.add_account(conn, email, None, "correct horse battery").user_id
        with only_publication(conn) as cursor:
            row = cursor.execute(
                "insert into published.publication (as_of, refresh_id, file_ids, changes)"
                " values (now(), 1, '{}', '{}') returning publication_id"
            ).fetchone()
    assert row is not None
    return user, row[0]


def test_the_first_numbers_survive_a_crash_of_the_server(tmp_path: Path) -> None:
    """Would have caught tables that are made in the transaction of their first row: their sequences fall back."""
    with running_warehouse(fresh_settings(tmp_path)) as settings:
        assert next_numbers(settings, "ada@example.org") == (1, 1)
        assert next_numbers(settings, "bob@example.org") == (2, 2)
        server = EmbeddedServer(settings)
        pid = server.status().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        ensure_running(settings)
        assert min(next_numbers(settings, "cam@example.org")) > 2
