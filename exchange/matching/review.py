"""People's decisions about identities (ops.match_review), as queries: what applies, what is excluded, what is stale."""

from __future__ import annotations

from exchange.matching.session import Session

_DECIDED = """
    select
        identity.identity_id, match_review.feed_id, match_review.identity_key, match_review.decision,
        match_review.state, match_review.state_voter_id, survivors.voter_id,
        exists (select from matching.voter where voter.voter_id = survivors.voter_id) as is_on_file
    from ops.match_review
    inner join matching.identity
        on match_review.feed_id = identity.feed_id and match_review.identity_key = identity.identity_key
    -- a registration that went on under another id takes its decisions along
    left join intermediate.int_voter_survivors as survivors
        on match_review.state = survivors.state and match_review.state_voter_id = survivors.state_voter_id
"""
# Grain: one identity that a decision settles: it is this voter, or (voter_id null) nobody on the file.
APPLIED = f"""
    select distinct on (identity_id) identity_id, decision, voter_id from ({_DECIDED}) as decided
    where (decision = 'match' and is_on_file) or (decision = 'no_match' and state is null)
    order by identity_id, decision
"""
# Grain: one identity; refused: the voters it is not. Such pairs are no candidates, and the others share the evidence.
REFUSED = f"""
    select identity_id, array_agg(voter_id order by voter_id) as refused from ({_DECIDED}) as decided
    where decision = 'no_match' and voter_id is not null
    group by identity_id
"""
# Grain: one identity whose id leads to a voter who may be matched. Who is protected or not registered is no candidate,
# and an id of theirs says nothing: the person may have a new id.
CLAIMS = """
    select identity.identity_id, identity.id_voter_id as voter_id from matching.identity
    where exists (select from matching.voter where voter.voter_id = identity.id_voter_id)
"""


def stale_decisions(session: Session) -> list[str]:
    """Decisions for a voter who has left the file, or may not be matched any more: they do not apply."""
    rows = session.conn.execute(
        f"select feed_id, identity_key, state, state_voter_id from ({_DECIDED}) as decided"
        " where decision = 'match' and not is_on_file order by feed_id, identity_key"
    ).fetchall()
    return [f"{feed} {key}: {state} {voter}" for feed, key, state, voter in rows]
