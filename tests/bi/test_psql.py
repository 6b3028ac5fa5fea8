"""psql, of the machine and of the embedded server: the backslash commands a partner types first."""

from __future__ import annotations

import shutil

import pytest

from exchange.warehouse.binaries import find_binaries
from tests.bi.doors import CHART, Door
from tests.bi.programs import needed, output, run

pytestmark = [pytest.mark.bi, pytest.mark.timeout(900)]

# these show a view's text and its size, which are hidden
REFUSED_WHEN_HARDENED = (r"\d+ voters", r"\dv+")


@pytest.fixture(params=["of the machine", "of the server"])
def psql(request: pytest.FixtureRequest) -> list[str]:
    own = str(find_binaries().program("psql"))
    program = own if request.param == "of the server" else needed(shutil.which("psql") or "psql", "postgresql-client")
    return [program, "-X", "-q", "-v", "ON_ERROR_STOP=1"]


def test_psql_lists_describes_and_reads(door: Door, psql: list[str]) -> None:
    listed = output([*psql, "-At", "-c", r"\dv"], door.libpq())
    assert [line.split("|")[1] for line in listed.splitlines()] == door.views()
    for view, columns in door.columns().items():
        described = output([*psql, "-At", "-c", rf"\d {view}"], door.libpq())
        assert [line.split("|")[0] for line in described.splitlines()] == columns
        assert output([*psql, "-At", "-c", f"select count(*) from {view}"], door.libpq()).strip() == str(
            door.row_counts()[view]
        )
    chart = output([*psql, "-At", "-c", CHART], door.libpq())
    assert [tuple(line.split("|")) for line in chart.splitlines()] == [
        tuple(str(value) for value in row) for row in door.rows(CHART)
    ]


def test_psql_is_refused_elsewhere_and_for_what_is_hidden(door: Door, psql: list[str]) -> None:
    for relation in door.forbidden():
        done = run([*psql, "-c", f"select * from {relation}"], door.libpq())
        assert done.returncode != 0 and "permission denied" in done.stderr
    for command in REFUSED_WHEN_HARDENED:
        done = run([*psql, "-c", command], door.libpq())
        assert (done.returncode != 0) == door.is_hardened, f"{command}: {done.stderr}"
