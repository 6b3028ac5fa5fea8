"""The demo exchange, vendor files and all: every partner's views equal what the oracle computes from the same files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.oracle import Inbox, read_registry
from tests.warehouse_steps import BuiltExchange
from tests.worlds.agreement import disagreements

pytestmark = pytest.mark.integration

# the demo's deliveries end before; the second instant lets embargoes of the demo's rules end in between
INSTANTS = (datetime(2026, 10, 14, 15, tzinfo=UTC), datetime(2026, 10, 29, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltExchange]:
    home = tmp_path_factory.mktemp("demo")
    with BuiltExchange(home, home / "registry") as exchange:
        exchange.command("demo", "--out", str(home), "--voters", "1500", "--contacts", "6000")
        yield exchange


@pytest.mark.timeout(900)
def test_every_partner_sees_what_the_rules_say(demo: BuiltExchange) -> None:
    inbox = Inbox(Path(demo.inbox))
    feeds = list(read_registry(demo.registry).feeds.values())
    for instant in INSTANTS:
        demo.refresh(instant)
        told = disagreements(demo, inbox.take(feeds, instant), instant)
        if told:
            pytest.fail(f"at {instant}:\n{told}", pytrace=False)
