"""How good a method's answers are. Grain of an answer: one identity with the one voter a method attaches it to.

Precision = right answers / answers. Recall = right answers / identities whose person is on the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import duckdb

Z = 1.96  # of a two-sided interval of 95 %


@dataclass(frozen=True)
class Quality:
    """Counts of identities: of one set of rows under one method."""

    rows: int
    on_file: int
    findable: int  # of those on the file: share an anchor with their voter's record
    answered: int
    right: int
    wrong_on_absent: int  # answers given to people who are not on the file

    @property
    def precision(self) -> float:
        return self.right / self.answered if self.answered else 1.0

    @property
    def lower_bound(self) -> float:
        """Wilson's, of the precision, at 95 %."""
        if not self.answered:
            return 0.0
        n, p = self.answered, self.precision
        middle, spread = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return (middle - spread) / (1 + Z * Z / n)

    @property
    def recall(self) -> float:
        return self.right / self.on_file if self.on_file else 0.0

    @property
    def ceiling(self) -> float:
        return self.findable / self.on_file if self.on_file else 0.0

    @property
    def of_ceiling(self) -> float:
        return self.right / self.findable if self.findable else 0.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def absent_wrong(self) -> float:
        absent = self.rows - self.on_file
        return self.wrong_on_absent / absent if absent else 0.0


def measure(con: duckdb.DuckDBPyConnection, answers: str, rows: str = "true") -> Quality:
    """Of table `answers` (identity_id, voter_id), where condition `rows` holds on truth, channel and claimed ids.

    Reads `truth`, `channel`, `claimed_ids` and `findable` (identity_id, anchored).
    """
    counts = con.execute(f"""
        select
            count(*),
            count(truth.voter_id),
            count(*) filter (findable.anchored),
            count(answers.voter_id),
            count(*) filter (answers.voter_id = truth.voter_id),
            count(answers.voter_id) filter (truth.voter_id is null)
        from truth
        join channel using (identity_id)
        left join claimed_ids using (identity_id)
        left join findable on findable.identity_id = truth.identity_id
        left join {answers} as answers on answers.identity_id = truth.identity_id and answers.voter_id is not null
        where {rows}
    """).fetchall()[0]
    return Quality(*counts)


WITHOUT_ID = "claimed_ids.voter_id is null"


def by_channel(con: duckdb.DuckDBPyConnection, answers: str) -> dict[str, Quality]:
    """Rows without ids, one kind of tool at a time."""
    channels = [row[0] for row in con.execute("select distinct channel from channel order by channel").fetchall()]
    return {name: measure(con, answers, f"{WITHOUT_ID} and channel.channel = '{name}'") for name in channels}
