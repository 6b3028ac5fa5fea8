"""For tests of lists of voters: who takes them, who must not be contacted, what a list and the log of them hold."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.dashboard_exchange import DashboardExchange, email, post, sign_in, site, sql_as

PARTNER = "pa_party"
PURPOSE = "Phone bank in Erie on Saturday"


@pytest.fixture(scope="module")
def suppressed_people(dashboard_exchange: DashboardExchange) -> None:
    """Enough people who must not be contacted that each filter has some."""
    with dashboard_exchange.connect_as_admin() as admin:
        for view in ("explorer", "voters"):
            changed = admin.execute(
                f"update published.{view}_{dashboard_exchange.audience(PARTNER)} set is_suppressed = true"
                " where person_id like '%3'"
            )
            assert changed.rowcount > 50


@pytest.fixture
def export_client(dashboard_exchange: DashboardExchange, suppressed_people: None) -> Iterator[httpx.Client]:
    """A browser in which the person of PARTNER is signed in; the log of lists is empty again afterwards."""
    with site(dashboard_exchange) as made:
        sign_in(made, email(PARTNER))
        yield made
        forget(dashboard_exchange)


def forget(exchange: DashboardExchange) -> None:
    with exchange.connect_as_admin() as admin:
        admin.execute("delete from dashboard.export")


def take(client: httpx.Client, query: str, kind: str = "csv", sort: str = "", purpose: str = PURPOSE) -> httpx.Response:
    fields = {"filter": query, "kind": kind, "sort": sort, "purpose": purpose}
    return post(client, "/export", "/exports", **fields)


def opened(answer: httpx.Response, name: str = "voters.csv") -> tuple[list[dict[str, str]], str, bytes]:
    """People of a list by column, the text beside them, and the list's own bytes."""
    assert answer.status_code == 200, answer.text
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert archive.namelist() == ["README.txt", name]
    raw = archive.read(name)
    people = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    return people, archive.read("README.txt").decode(), raw


def logged(exchange: DashboardExchange) -> list[dict[str, Any]]:
    with exchange.connect_as_admin() as admin:
        return admin.execute("select * from dashboard.export order by begun_at").fetchall()


def ids(exchange: DashboardExchange, where: str, partner: str = PARTNER) -> list[str]:
    found = sql_as(exchange, partner, f'select person_id from voters where {where} order by person_id collate "C"')
    return [row["person_id"] for row in found]
