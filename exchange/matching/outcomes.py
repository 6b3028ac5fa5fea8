"""One row per identity out of its pairs: the best voter, how sure, what rules and its id say, and who else."""

from __future__ import annotations

import duckdb

from exchange.matching.evidence import RULES, check_ids, choose_by_rule, find_rule_hits

# filled: which fields the identity has, as bits (FILLED). removed_*: labelled rows only: what would be best, and
# which rule would hit, were the true voter not in the file.
SCORE_COLUMNS: dict[str, str] = {
    "identity_id": "bigint",
    "id_voter_id": "bigint",
    "id_check": "text",
    "rule": "text",
    "rule_voter_id": "bigint",
    "best_voter_id": "bigint",
    "weight": "double",
    "posterior": "double",
    "runner_up_voter_id": "bigint",
    "runner_up_posterior": "double",
    "candidates": "int",
    "anchored": "boolean",
    "removed_posterior": "double",
    "removed_rule": "text",
    "filled": "int",
}
FILLED = ("first_name", "last_name", "birth_date", "street", "zip", "phones", "emails")
# below this posterior a candidate is not worth a reviewer's minute
LEAST_POSTERIOR = 0.02
# odds are summed as whole numbers of 2^-20: the sum is the same in any order
_ODDS = "(pow(2, least(weight, 80)) * 1048576)::hugeint"
_NOBODY = 1048576


def summarize(
    con: duckdb.DuckDBPyConnection,
    *,
    identities: str,
    voters: str,
    pairs: str,
    weights: str,
    claimed_ids: str,
    into: str,
) -> None:
    """Create table `into` (SCORE_COLUMNS). Grain: one row per identity, whether it has candidates or not.

    posterior: 2^w / (1 + sum of 2^w over the identity's candidates): twins share it, so neither is sure.
    """
    check_ids(con, identities, voters, claimed_ids, "matching_checks")
    find_rule_hits(con, identities, voters, weights, "matching_hits")
    con.execute("""
        create or replace temp table matching_labels as
        select identity_id, voter_id from matching_checks where id_check = 'agrees'
    """)
    con.execute("""
        create or replace temp table matching_removed_hits as
        select hits.* from matching_hits as hits join matching_labels as labels using (identity_id)
        where hits.voter_id <> labels.voter_id
    """)
    filled = " + ".join(f"({name} is not null)::int * {1 << bit}" for bit, name in enumerate(FILLED))
    rules = "[" + ", ".join(f"'{rule}'" for rule in RULES) + "]"
    columns = ", ".join(f"{name}::{kind} as {name}" for name, kind in SCORE_COLUMNS.items())
    con.execute(f"""
        create or replace table {into} as
        with
        ranked as (
            select *, {_ODDS} as odds,
                row_number() over (partition by identity_id order by weight desc, voter_id) as place
            from {weights}
        ),
        best as (
            select identity_id,
                max(voter_id) filter (where place = 1) as best_voter_id,
                max(weight) filter (where place = 1) as weight,
                max(odds) filter (where place = 1) / (sum(odds) + {_NOBODY}) as posterior,
                max(voter_id) filter (where place = 2) as runner_up_voter_id,
                max(odds) filter (where place = 2) / (sum(odds) + {_NOBODY}) as runner_up_posterior
            from ranked group by identity_id
        ),
        removed as (
            select identity_id, min_by(ranked.voter_id, place) as voter_id,
                max(odds) / (sum(odds) + {_NOBODY}) as posterior
            from ranked join matching_labels as labels using (identity_id)
            where ranked.voter_id <> labels.voter_id group by identity_id
        ),
        ruled as ({choose_by_rule("matching_hits")}),
        removed_ruled as ({choose_by_rule("matching_removed_hits")}),
        counted as (select identity_id, count(*) as candidates from {pairs} group by identity_id),
        gathered as (
            select
                persons.id as identity_id,
                checks.voter_id as id_voter_id,
                coalesce(checks.id_check, 'none') as id_check,
                case when ruled.voter_id = best.best_voter_id then {rules}[ruled.position] end as rule,
                case when ruled.voter_id = best.best_voter_id then ruled.voter_id end as rule_voter_id,
                best.* exclude (identity_id),
                coalesce(counted.candidates, 0) as candidates,
                coalesce(phones is not null or emails is not null or birth_date is not null or street is not null
                    or (zip is not null and last_name is not null), false) as anchored,
                case when checks.id_check = 'agrees' then coalesce(removed.posterior, 0) end as removed_posterior,
                case when removed_ruled.voter_id = removed.voter_id then {rules}[removed_ruled.position] end
                    as removed_rule,
                {filled} as filled
            from {identities} as persons
            left join matching_checks as checks on checks.identity_id = persons.id
            left join best on best.identity_id = persons.id
            left join ruled on ruled.identity_id = persons.id
            left join removed on removed.identity_id = persons.id
            left join removed_ruled on removed_ruled.identity_id = persons.id
            left join counted on counted.identity_id = persons.id
        )
        select {columns} from gathered
    """)


def top_candidates(con: duckdb.DuckDBPyConnection, weights: str, into: str, most: int = 3) -> None:
    """Create table `into` (identity_id, voter_id, rank, weight, posterior): the best few, for reviewers."""
    con.execute(f"""
        create or replace table {into} as
        with ranked as (
            select identity_id, voter_id, weight,
                row_number() over (partition by identity_id order by weight desc, voter_id) as rank,
                {_ODDS} / (sum({_ODDS}) over (partition by identity_id) + {_NOBODY}) as posterior
            from {weights}
        )
        select identity_id, voter_id, rank::int as rank, weight, posterior::double as posterior
        from ranked where rank <= {int(most)} and posterior >= {LEAST_POSTERIOR}
    """)
