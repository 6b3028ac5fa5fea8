"""What a voter answers: stable per voter and question, leaning by party, with some who change their mind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from exchange.demo.chance import Chance, Index, cumulate
from exchange.demo.contests import PARTY_OF
from exchange.demo.people import Person
from exchange.demo.questions import MAIL, PLAN, POSTAL, SUPPORT, TURNOUT, Ask

# rows: same party as the candidate, neither, the other large party; columns: answer codes 1 … 5
_SUPPORT = np.array(
    [
        cumulate([0.52, 0.22, 0.16, 0.06, 0.04]),
        cumulate([0.18, 0.20, 0.30, 0.16, 0.16]),
        cumulate([0.04, 0.07, 0.16, 0.23, 0.50]),
    ]
)
_PERSONAL = {
    MAIL: cumulate([0.36, 0.24, 0.16, 0.16, 0.08]),
    POSTAL: cumulate([0.5, 0.2, 0.3]),
    TURNOUT: cumulate([0.62, 0.2, 0.1, 0.05, 0.03]),
    PLAN: cumulate([0.34, 0.24, 0.32, 0.10]),
}
_CHANGED_MIND = 0.12


def draw_answer(
    chance: Chance, stream: str, ask: Ask, number: Index, voters: Index, people: Sequence[Person]
) -> list[int]:
    """Answer codes, one per conversation; for an ignored question the position among its answers."""
    topic = ask.candidate_id or ask.question_code
    lasting = chance.unit(f"opinion/{topic}", voters)
    changed = chance.unit(f"{stream}/changed/{topic}", number) < _CHANGED_MIND
    unit = np.where(changed, chance.unit(f"{stream}/new/{topic}", number), lasting)
    if ask.question_code == SUPPORT:
        party = PARTY_OF[ask.candidate_id]
        group = np.array([_distance(party, person.party) for person in people], np.int64)
        found: list[int] = (1 + (unit[:, None] >= _SUPPORT[group]).sum(axis=1)).tolist()
        return found
    if ask.question_code in _PERSONAL:
        codes: list[int] = (1 + np.searchsorted(_PERSONAL[ask.question_code], unit, side="right")).tolist()
        return codes
    positions: list[int] = (unit * len(ask.answers)).astype(np.int64).tolist()
    return positions


def _distance(candidate_party: str, voter_party: str) -> int:
    if candidate_party == voter_party:
        return 0
    return 2 if {candidate_party, voter_party} == {"DEM", "REP"} else 1
