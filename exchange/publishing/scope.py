"""What a publication has to look at: whose rows `sharing` computed anew since the last one, and for which audiences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

from psycopg import Cursor, sql

from exchange.errors import ExchangeError
from exchange.publishing.relations import COVERAGE, Relation

# Grain of both: one row. What dbt asks to know what is new (macros/incremental/unpublished.sql, last_coverage.sql).
TABLES = """
    create table if not exists published.last_build (as_of timestamptz not null);
    create table if not exists published.last_coverage (
        counted_on date not null,
        withdrawn_files bigint not null,
        definition text not null
    );
    grant select on published.last_build, published.last_coverage to exchange_dbt;
"""

_TOUCHED: LiteralString = (
    "inner join (select voter_id from sharing.touched_voters where is_touched) as touched using (voter_id)"
)
# of a voter who is the same, only audiences that see something of what changed
_TOUCHED_PERSONS: LiteralString = """
    inner join (
        select audience_id, voter_id from sharing.voters
        union
        select audiences.audience_id, touched.voter_id
        from sharing.touched_voters as touched
        cross join (select distinct audience_id from sharing.audiences) as audiences
        where touched.is_person_touched
    ) as touched using (audience_id, voter_id)
"""


@dataclass(frozen=True)
class Scope:
    """The build of `sharing` that is published.

    is_everything: it computed all voters. fresh: audiences of which nothing is published yet: all their rows are in it.
    """

    is_everything: bool
    fresh: frozenset[int]

    def keys_in(self, relation: Relation, published: sql.Composable, audiences: set[int]) -> sql.Composable:
        """The published rows of these audiences that `sharing` says anew, as a query of their keys; others stay."""

        def keys(source: LiteralString, of: set[int] | frozenset[int]) -> sql.Composable:
            return sql.SQL(
                "select {keys} from {published} as published {source} where published.audience_id = any({of})"
            ).format(
                keys=sql.SQL(", ").join(sql.Identifier("published", key) for key in relation.keys),
                published=published,
                source=sql.SQL(source),
                of=sql.Literal(sorted(of)),
            )

        if relation == COVERAGE:
            return keys(
                "inner join (select distinct audience_id from sharing.coverage_due) as due using (audience_id)",
                audiences,
            )
        if self.is_everything or not relation.is_of_persons:
            return keys("", audiences)
        touched = _TOUCHED_PERSONS if relation.is_person else _TOUCHED
        # each part reads an index, of which Postgres would make no use if they were one condition with `or`
        return sql.SQL("{} union all {}").format(
            keys(touched, audiences - self.fresh), keys("", audiences & self.fresh)
        )

    def check(self, relation: Relation, audiences: set[int], present: set[int]) -> None:
        """Refuse to fill a table of which only the newest changes were computed. present: audiences that had rows."""
        lacking = audiences - self.fresh - present
        if relation.is_of_persons and not self.is_everything and lacking:
            raise ExchangeError(
                f"Published rows of {relation.name} are gone for {len(lacking)} audiences, and only what changed"
                " since the last publication was computed.",
                remedy="Run `exchange refresh --full`.",
            )


def read(cursor: Cursor) -> Scope:
    """The scope of what `sharing` holds now."""
    row = cursor.execute("select is_everything from ops.unpublished_build").fetchone()
    if row is None:
        raise ExchangeError("Nothing was built to be published.", remedy="Run `exchange refresh`.")
    fresh = cursor.execute("select distinct audience_id from sharing.audiences where is_fresh").fetchall()
    return Scope(bool(row[0]), frozenset(audience for (audience,) in fresh))


def note_published(cursor: Cursor) -> None:
    """What was built is published: what comes after it is new, and what it followed may be forgotten."""
    cursor.execute(
        """
        insert into ops.model_state (model, schema_name, digest, follows, built_no, rebuilt_no)
        select model, schema_name, digest, follows, built_no, 0 from ops.unpublished_build
        on conflict (model) do update set
            digest = excluded.digest, follows = excluded.follows, built_no = excluded.built_no;
        delete from published.last_build;
        insert into published.last_build select as_of from sharing.today;
        delete from published.last_coverage where exists (select from sharing.coverage_due where is_of_all);
        insert into published.last_coverage
        select distinct counted_on, withdrawn_files, definition from sharing.coverage_due where is_of_all;
        """
    )


def forget_published(cursor: Cursor) -> None:
    """Let the next refresh compute and compare everything, as after a rollback."""
    cursor.execute("delete from ops.model_state where model in (select model from ops.unpublished_build)")
    cursor.execute("delete from published.last_coverage")
