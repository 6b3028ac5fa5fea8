"""Apache Superset: a person's clicks from "add database" to a chart, through its REST API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.bi.doors import CHART, Door
from tests.bi.superset_server import SupersetServer

pytestmark = [pytest.mark.bi, pytest.mark.timeout(1800)]


# for the session: pytest runs all tests of one door before those of the other
@pytest.fixture(scope="session")
def superset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SupersetServer]:
    with SupersetServer(tmp_path_factory.mktemp("superset")) as server:
        yield server


def add_database(superset: SupersetServer, door: Door) -> int:
    connection = {"database_name": door.database, "sqlalchemy_uri": door.url("postgresql+psycopg2")}
    tested, said = superset.call("POST", "database/test_connection/", connection)
    assert tested == 200, said
    made, answer = superset.call("POST", "database/", {**connection, "expose_in_sqllab": True})
    assert made == 201, answer
    return int(answer["id"])


def chart(superset: SupersetServer, database: int, schema: str) -> tuple[int, dict[str, Any]]:
    """A bar chart of voters by county and answer, as docs/connect/superset.md builds it, over the voters of a schema.

    Its dataset goes again: with SQLite below it, Superset keeps one of a name only.
    """
    made, dataset = superset.call("POST", "dataset/", {"database": database, "schema": schema, "table_name": "voters"})
    assert made == 201, dataset
    query = {
        "columns": ["county_fips", "support_governor"],
        "metrics": [{"expressionType": "SQL", "sqlExpression": "count(*)", "label": "voters"}],
        "filters": [{"col": "support_governor", "op": "IS NOT NULL"}],
        "orderby": [["county_fips", True], ["support_governor", True]],
        "row_limit": 10_000,
    }
    body = {"datasource": {"id": dataset["id"], "type": "table"}, "force": True, "queries": [query]}
    answer = superset.call("POST", "chart/data", {**body, "result_format": "json", "result_type": "full"})
    assert superset.call("DELETE", f"dataset/{dataset['id']}")[0] == 200
    return answer


def test_superset_lists_describes_charts_and_is_refused(superset: SupersetServer, door: Door) -> None:
    """Would have caught a catalog query of SQLAlchemy 1.4, which Superset brings, that the hardening refuses."""
    database = add_database(superset, door)
    _, listed = superset.call("GET", f"database/{database}/tables/?q=(schema_name:{door.user},force:!t)")
    assert sorted(table["value"] for table in listed["result"]) == door.views()
    _, described = superset.call("GET", f"database/{database}/table_metadata/?name=voters&schema={door.user}")
    assert described["comment"] == door.comment("voters")
    assert [(column["name"], column["comment"]) for column in described["columns"]] == [
        (name, comment) for name, _, comment in door.described("voters")
    ]

    status, answer = chart(superset, database, door.user)
    assert status == 200, answer
    bars = [(bar["county_fips"], bar["support_governor"], bar["voters"]) for bar in answer["result"][0]["data"]]
    assert bars == door.rows(CHART) != []
    # names of views are no secret, so the dataset comes to be; what is in the view is one
    status, answer = chart(superset, database, door.stranger)
    assert status == 400 and "permission denied" in answer["message"], answer

    for relation in door.forbidden():
        typed = {"database_id": database, "schema": door.user, "sql": f"select * from {relation}", "runAsync": False}
        status, answer = superset.call("POST", "sqllab/execute/", typed)
        assert status == 500 and "permission denied" in str(answer["errors"]), answer
    typed = {"database_id": database, "schema": door.user, "sql": "select count(*) from voters", "runAsync": False}
    status, answer = superset.call("POST", "sqllab/execute/", typed)
    assert status == 200 and answer["data"] == [{"count": door.row_counts()["voters"]}]
