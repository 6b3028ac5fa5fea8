"""Pairs with both persons' columns side by side: what every comparison in SQL reads."""

from __future__ import annotations

from exchange.matching.comparisons import COMPARED_COLUMNS


def side_by_side(identities: str, voters: str, pairs: str, carried: str = "") -> str:
    """SQL of pairs (identity_id, voter_id, and what `carried` names) with columns *_l (identity) and *_r (voter)."""
    left = ", ".join(f"l.{name} as {name}_l" for name in ("state", *COMPARED_COLUMNS))
    right = ", ".join(f"r.{name} as {name}_r" for name in ("state", *COMPARED_COLUMNS))
    carried = f"{carried}, " if carried else ""
    return (
        f"select p.identity_id, p.voter_id, {carried}{left}, {right} from {pairs} as p"
        f" join {identities} as l on l.id = p.identity_id join {voters} as r on r.id = p.voter_id"
    )
