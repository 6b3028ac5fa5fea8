"""R with Debian's RPostgreSQL."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.bi.doors import CHART, TYPED, Door
from tests.bi.programs import CLIENT_SOURCES, needed, output

pytestmark = [pytest.mark.bi, pytest.mark.timeout(900)]


def test_r_reads_charts_and_is_refused(door: Door) -> None:
    queries = {
        **{view: f"select * from {view}" for view in door.views()},
        **{f"forbidden {relation}": f"select * from {relation}" for relation in door.forbidden()},
        "chart": CHART,
        "typed": TYPED,
    }
    asked = "".join(f"{name}\t{' '.join(query.split())}\n" for name, query in queries.items())
    rscript = needed("Rscript", "r-base-core")
    needed("/usr/lib/R/site-library/RPostgreSQL/DESCRIPTION", "r-cran-rpostgresql")
    seen: dict[str, list[list[str]]] = defaultdict(list)
    for line in output([rscript, str(CLIENT_SOURCES / "look_around.R")], door.libpq(), asked).splitlines():
        kind, *fields = line.split("\t")
        seen[kind].append(fields)
    counted = {name: int(rows) for name, rows, _ in seen["rows"]}
    assert {view: counted[view] for view in door.views()} == door.row_counts()
    chart = [(county, int(answer), int(voters)) for county, answer, voters in seen["bar"]]
    assert chart == door.rows(CHART) != []
    types = {name: classes for name, _, classes in seen["rows"]}
    assert types["typed"] == "Date,logical,integer,character"
    refused = dict(seen["refused"])
    assert set(refused) == {f"forbidden {relation}" for relation in door.forbidden()}
    assert all("permission denied" in text for text in refused.values())
