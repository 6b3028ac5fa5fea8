"""The order of methods, and that nothing is accepted below the threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.matching.decisions import DECISION_COLUMNS, decide
from exchange.matching.outcomes import SCORE_COLUMNS
from exchange.matching.workbench import open_workbench

BEST = {"id_check": "none", "best_voter_id": 5, "weight": 9.0, "posterior": 0.9, "candidates": 1}


def decisions(
    scores: list[dict[str, Any]], reviews: Sequence[tuple[int, str, int | None]] = (), threshold: float = 0.8
) -> list[dict[str, Any]]:
    """Decisions on scores, which are numbered from 1."""
    con = open_workbench()
    con.execute(f"create table scores ({', '.join(f'{name} {kind}' for name, kind in SCORE_COLUMNS.items())})")
    con.execute("create table reviewed (identity_id bigint, decision text, voter_id bigint)")
    for n, score in enumerate(scores, start=1):
        row = [{"identity_id": n, **score}.get(name) for name in SCORE_COLUMNS]
        con.execute(f"insert into scores values ({', '.join('?' * len(row))})", row)
    for review in reviews:
        con.execute("insert into reviewed values (?, ?, ?)", list(review))
    decide(con, "scores", "reviewed", threshold, 3, "decided")
    rows = con.execute("select * from decided order by identity_id").fetchall()
    return [dict(zip(DECISION_COLUMNS, row, strict=True)) for row in rows]


def outcome(score: dict[str, Any], *reviews: tuple[int, str, int | None]) -> tuple[Any, ...]:
    (row,) = decisions([score], reviews)
    return row["status"], row["voter_id"], row["method"], row["rule"]


def test_the_order_of_methods() -> None:
    """A person beats a checked id, that a rule, that the model; each line is one step further down."""
    everything = {**BEST, "id_check": "agrees", "id_voter_id": 7, "rule": "phone_name", "rule_voter_id": 5}
    no_id = {**everything, "id_check": "none", "id_voter_id": None}
    assert outcome(everything, (1, "match", 9)) == ("accepted", 9, "review", None)
    assert outcome(everything, (1, "no_match", None)) == ("unmatched", None, "review", None)
    assert outcome(everything) == ("accepted", 7, "id", None)
    assert outcome({**everything, "id_check": "unchecked"}) == ("accepted", 7, "id", None)
    assert outcome(no_id) == ("accepted", 5, "rule", "phone_name")
    assert outcome(BEST) == ("accepted", 5, "model", None)
    assert outcome({**BEST, "posterior": 0.79}) == ("review", None, "none", None)
    assert outcome({**BEST, "posterior": 0.019}) == ("unmatched", None, "none", None)
    assert outcome({"id_check": "none"}) == ("unmatched", None, "none", None)


def test_an_id_that_disagrees_needs_a_second_opinion() -> None:
    """Taken if the row without its id leads to the same voter; to another voter or to nobody: a person decides."""
    wrong = {**BEST, "id_check": "disagrees", "id_voter_id": 7}
    assert outcome(wrong) == ("review", None, "none", "id_conflict")
    assert outcome({**wrong, "id_voter_id": 5}) == ("accepted", 5, "model", None)
    assert outcome({**wrong, "posterior": 0.1, "id_voter_id": 5}) == ("review", None, "none", "id_conflict")
    assert outcome({"id_check": "disagrees", "id_voter_id": 7}) == ("review", None, "none", "id_conflict")
    assert decisions([{"id_check": "disagrees", "id_voter_id": 7}])[0]["candidate_voter_id"] == 7


def test_a_reviewed_voter_who_left_the_file_is_reviewed_again() -> None:
    """Falling back to the model would undo a person's decision without a word."""
    assert outcome(BEST, (1, "match", None)) == ("review", None, "none", None)


SCORES = st.fixed_dictionaries(
    {
        "id_check": st.sampled_from(["none", "agrees", "unchecked", "disagrees"]),
        "id_voter_id": st.sampled_from([5, 7]),
        "best_voter_id": st.sampled_from([5, 6, None]),
        "posterior": st.floats(0, 1),
        "rule": st.sampled_from([None, "phone_name"]),
    }
)


@settings(max_examples=12, deadline=None)
@given(st.lists(SCORES, min_size=1, max_size=20), st.floats(0.5, 1))
def test_nothing_is_accepted_below_the_threshold(scores: list[dict[str, Any]], threshold: float) -> None:
    for score in scores:
        if score["id_check"] == "none":
            score["id_voter_id"] = None
        if score["best_voter_id"] is None:
            score["posterior"] = score["rule"] = None
        score["rule_voter_id"] = score["best_voter_id"] if score["rule"] else None
    for score, row in zip(scores, decisions(scores, threshold=threshold), strict=True):
        assert (row["status"] == "accepted") == (row["voter_id"] is not None) == (row["method"] != "none")
        if row["method"] == "model":
            assert row["posterior"] >= threshold and row["voter_id"] == score["best_voter_id"]
        if row["method"] == "rule":
            assert row["rule"] and row["voter_id"] == score["rule_voter_id"]
        if row["method"] == "id":
            assert score["id_check"] in ("agrees", "unchecked") and row["voter_id"] == score["id_voter_id"]
        assert row["rule"] != "id_conflict" or row["status"] == "review"
