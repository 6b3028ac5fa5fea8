"""The exchange's own reference files: voter files, id crosswalks, ballot returns; and truth/persons.csv beside them.

One pass over the electorate writes them all; nothing is kept but one block of voters.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from exchange.demo.chance import Index
from exchange.demo.files import TableFile
from exchange.demo.identities import Identities, Identity
from exchange.demo.people import People, Person

VOTERS_HEADER = (
    "state_voter_id", "state", "first_name", "middle_name", "last_name", "suffix", "birth_date", "sex", "party",
    "registration_status", "address", "city", "zip", "county_fips", "precinct", "congressional_district",
    "state_senate_district", "state_house_district", "phone", "email",
)  # fmt: skip
PERSON_IDS_HEADER = ("state", "state_voter_id", "namespace", "scope", "external_id")
BALLOTS_HEADER = ("state", "state_voter_id", "election_on", "ballot_status", "status_on")
MADE_ON = "2026-10-12"
_BLOCK = 4_096
_GENERAL, _PRIMARY = "2026-11-03", "2026-05-19"
_STEPS = ("requested", "sent", "returned", "accepted")
_FIRST_REQUEST = date(2026, 8, 20)


class ReferenceFiles:
    """Open files of the reserved partner `exchange`; `rows` counts per feed after the pass."""

    def __init__(self, people: People, identities: Identities, inbox: Path, truth: Path) -> None:
        self.people, self.identities = people, identities
        self._inbox, self._truth = inbox / "exchange", truth
        self.rows: dict[str, int] = {}

    def write(self, advance: Callable[[int], None]) -> None:
        size = self.people.electorate.size
        with ExitStack() as stack:
            voters = {state: self._voters(stack, state) for state in ("PA", "NC")}
            ballots = {state: self._ballots(stack, state) for state in ("PA", "NC")}
            ids = {name: self._ids(stack, name) for name, _, _ in Identities.columns}
            file = stack.enter_context((self._truth / "persons.csv").open("w", encoding="utf-8", newline=""))
            persons = csv.writer(file, lineterminator="\n")
            columns = [f"{name}:{scope}" if scope else name for _, name, scope in Identities.columns]
            persons.writerow(["state", "state_voter_id", "household", *columns, "shared_ids"])
            for start in range(0, size, _BLOCK):
                index = np.arange(start, min(start + _BLOCK, size), dtype=np.int64)
                block = self.people.at(index)
                for person in block:
                    voters[person.state].row(_voter(person))
                known = self._write_ids(ids, index, block)
                persons.writerows(_person_row(person, known, n) for n, person in enumerate(block))
                self._write_ballots(ballots, index, block)
                advance(len(block))
        self.rows = {f"exchange_voters_{state.lower()}": table.rows for state, table in voters.items()}
        self.rows |= {_ID_FEEDS[name]: table.rows for name, table in ids.items()}
        self.rows |= {f"exchange_ballots_{state.lower()}": table.rows for state, table in ballots.items()}

    def _voters(self, stack: ExitStack, state: str) -> TableFile:
        path = self._inbox / "voters" / f"voters_{state.lower()}_{MADE_ON}.csv"
        return stack.enter_context(TableFile(path, VOTERS_HEADER))

    def _ballots(self, stack: ExitStack, state: str) -> TableFile:
        path = self._inbox / "ballots" / f"ballots_{state.lower()}_{MADE_ON}.csv"
        return stack.enter_context(TableFile(path, BALLOTS_HEADER))

    def _ids(self, stack: ExitStack, name: str) -> TableFile:
        return stack.enter_context(TableFile(self._inbox / "person_ids" / f"{name}_{MADE_ON}.csv", PERSON_IDS_HEADER))

    def _write_ids(self, tables: dict[str, TableFile], index: Index, block: list[Person]) -> dict[str, list[Identity]]:
        known: dict[str, list[Identity]] = {}
        for name, namespace, scope in Identities.columns:
            known[name] = self.identities.of(namespace, block)
            for n, (person, identity) in enumerate(zip(block, known[name], strict=True)):
                if not identity.value:
                    continue
                in_scope = scope or (person.state if namespace == "vanid_voterfile" else "")
                row = [person.state, person.state_voter_id, namespace, in_scope, identity.value]
                tables[name].row(row)
                if not identity.is_unique:
                    # a merge gone wrong: the next voter carries the same id (a cell of 16 is always in one block)
                    row[1] = block[n + 1].state_voter_id
                    tables[name].row(row)
        return known

    def _write_ballots(self, tables: dict[str, TableFile], index: Index, block: list[Person]) -> None:
        chance = self.people.chance
        by_mail = chance.unit("ballot by mail", index).tolist()
        first = chance.below("ballot requested", index, 40).tolist()
        in_may = (chance.unit("voted in primary", index) < 0.22).tolist()
        for n, person in enumerate(block):
            table = tables[person.state]
            if in_may[n]:
                table.row([person.state, person.state_voter_id, _PRIMARY, "voted_in_person", _PRIMARY])
            if by_mail[n] < 0.30:
                steps = 1 + int(by_mail[n] / 0.30 * len(_STEPS))
                for step, status in enumerate(_STEPS[:steps]):
                    # one ballot in forty comes back without a signature
                    status = "rejected" if status == "accepted" and first[n] == 39 else status
                    day = _FIRST_REQUEST + timedelta(days=first[n] + 4 * step)
                    table.row([person.state, person.state_voter_id, _GENERAL, status, day.isoformat()])


_ID_FEEDS = {
    "vanid_voterfile": "exchange_ids_vanid", "vanid_campaign": "exchange_ids_vanid_campaign",
    "dwid": "exchange_ids_dwid", "voterbase_id": "exchange_ids_voterbase",
}  # fmt: skip


def _voter(person: Person) -> list[str]:
    if person.state == "PA":
        # plain numbers, padded as Pennsylvania's own lists are
        districts = [f"{person.congress:02d}", f"{person.senate:02d}", f"{person.house:03d}"]
    else:
        state = f"ocd-division/country:us/state:{person.state.lower()}"
        districts = [f"{state}/cd:{person.congress}", f"{state}/sldu:{person.senate}", f"{state}/sldl:{person.house}"]
    return [
        person.state_voter_id, person.state, person.first, person.middle, person.last, person.suffix, person.born,
        person.sex, person.party, person.status, person.address, person.city, person.zip, person.county_fips,
        person.precinct, *districts, person.home_phone or person.cell, person.email,
    ]  # fmt: skip


def _person_row(person: Person, known: dict[str, list[Identity]], n: int) -> list[str]:
    ids = [identities[n] for identities in known.values()]
    shared = " ".join(name for name, found in known.items() if found[n].value and not found[n].is_unique)
    household = f"h{person.household:08d}"
    return [person.state, person.state_voter_id, household, *(identity.value for identity in ids), shared]
