"""recordlinkage, for comparison: logistic regression on the rows with ids. All pairs in pandas: for small data only."""

from __future__ import annotations

from typing import Any

import duckdb

_EXACT = ("birth_date", "birth_year", "phone", "email", "zip", "unit", "middle", "suffix", "form")
_LIKE = ("first_name", "last_name", "street")


def match_by_linkage(
    con: duckdb.DuckDBPyConnection,
    identities: str,
    voters: str,
    pairs: str,
    claimed_ids: str,
    least: tuple[float, ...],
    into: str,
) -> None:
    """Tables `into`_50, `into`_90 … (identity_id, voter_id): the best voter, if its probability is `least` or more."""
    import pandas
    import recordlinkage

    left, right = (
        _frame(con, identities, f"select identity_id from {pairs}"),
        _frame(con, voters, f"select voter_id from {pairs}"),
    )
    index = pandas.MultiIndex.from_frame(con.execute(f"select * from {pairs} order by 1, 2").df())
    compare = recordlinkage.Compare()
    for name in _LIKE:
        compare.string(name, name, method="jarowinkler", label=name)
    for name in _EXACT:
        compare.exact(name, name, label=name)
    features = compare.compute(index, left, right)
    claimed = con.execute(f"select identity_id, voter_id from {claimed_ids}").df()
    labelled = features.index.get_level_values(0).isin(claimed["identity_id"])
    links = pandas.MultiIndex.from_frame(claimed)
    classifier = recordlinkage.LogisticRegressionClassifier()
    classifier.fit(features[labelled], features[labelled].index.intersection(links))
    probability = classifier.prob(features).rename("probability").reset_index()
    con.register("scored", probability)
    for share in least:
        con.execute(f"""
            create or replace table {into}_{round(100 * share)} as
            select identity_id, voter_id from scored where probability >= {share}
            qualify row_number() over (partition by identity_id order by probability desc, voter_id) = 1
        """)
    con.unregister("scored")


def _frame(con: duckdb.DuckDBPyConnection, standard: str, needed: str) -> Any:
    """The rows that stand in some pair; of several phones the first."""
    return (
        con.execute(f"""
        select
            id, first_name, last_name, street, birth_date, birth_year, zip, unit, suffix,
            phones[1] as phone, emails[1] as email, left(middle_name, 1) as middle, first_forms[-1] as form
        from {standard} where id in ({needed}) order by id
    """)
        .df()
        .set_index("id")
    )
