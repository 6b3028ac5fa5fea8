"""SQLAlchemy and pandas in Python, by both of its Postgres drivers."""

from __future__ import annotations

from collections.abc import Iterator

import pandas
import pytest
import sqlalchemy

from tests.bi.doors import CHART, Door

pytestmark = [pytest.mark.bi, pytest.mark.timeout(900)]


@pytest.fixture(params=["postgresql+psycopg", "postgresql+psycopg2"])
def engine(door: Door, request: pytest.FixtureRequest) -> Iterator[sqlalchemy.Engine]:
    engine = sqlalchemy.create_engine(door.url(request.param))
    yield engine
    engine.dispose()


def test_sqlalchemy_reflects_every_view_with_its_comments(door: Door, engine: sqlalchemy.Engine) -> None:
    """Would have caught a reflection query that reads a hidden column: it reads much of pg_catalog at once."""
    inspector = sqlalchemy.inspect(engine)
    assert inspector.default_schema_name == door.user
    assert inspector.get_table_names() == []
    assert sorted(inspector.get_view_names()) == door.views()
    for view in door.views():
        assert inspector.get_table_comment(view) == {"text": door.comment(view)}
        assert [(column["name"], column["comment"]) for column in inspector.get_columns(view)] == [
            (name, comment) for name, _, comment in door.described(view)
        ]
        assert inspector.get_pk_constraint(view)["constrained_columns"] == []
        assert (inspector.get_foreign_keys(view), inspector.get_indexes(view)) == ([], [])
        assert (inspector.get_unique_constraints(view), inspector.get_check_constraints(view)) == ([], [])
    metadata = sqlalchemy.MetaData()
    metadata.reflect(engine, views=True)
    assert sorted(metadata.tables) == door.views()

    voters = metadata.tables["voters"]
    kinds = {name: type(voters.c[name].type).__name__ for name in ("person_id", "birth_year", "is_suppressed")}
    assert kinds == {"person_id": "TEXT", "birth_year": "SMALLINT", "is_suppressed": "BOOLEAN"}
    chart = (
        sqlalchemy.select(voters.c.county_fips, voters.c.support_governor, sqlalchemy.func.count())
        .where(voters.c.support_governor.is_not(None))
        .group_by(voters.c.county_fips, voters.c.support_governor)
        .order_by(voters.c.county_fips, voters.c.support_governor)
    )
    with engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(chart)] == door.rows(CHART) != []


def test_sqlalchemy_is_refused_elsewhere(door: Door, engine: sqlalchemy.Engine) -> None:
    for relation in door.forbidden():
        with engine.connect() as connection, pytest.raises(sqlalchemy.exc.ProgrammingError, match="permission denied"):
            connection.execute(sqlalchemy.text(f"select * from {relation}"))


def test_pandas_reads_every_view_and_keeps_ids_as_text(door: Door, engine: sqlalchemy.Engine) -> None:
    """Would have caught person_id as a number, which loses its leading zeros."""
    with engine.connect() as connection:
        frames = {view: pandas.read_sql(f"select * from {view}", connection) for view in door.views()}
        chart = pandas.read_sql(sqlalchemy.text(CHART), connection)
    assert {view: len(frame) for view, frame in frames.items()} == door.row_counts()
    assert list(chart.itertuples(index=False, name=None)) == door.rows(CHART) != []
    voters = frames["voters"]
    assert all(isinstance(person, str) for person in voters["person_id"])
    assert voters["is_suppressed"].dtype == bool
    assert pandas.api.types.is_integer_dtype(voters["contacts_us"])
    # as docs/connect/python.md pivots it
    pivot = frames["voters"].pivot_table(
        index="county_fips", columns="support_governor", values="person_id", aggfunc="count", fill_value=0
    )
    assert int(pivot.to_numpy().sum()) == sum(voters for *_, voters in door.rows(CHART))
