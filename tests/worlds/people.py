"""Random voters, their external ids (some shared by two voters, some doubled, some late) and ballots."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .world import DeliveredFile, Row

PLACES = {
    # state -> (county_fips, city, congressional, senate, house); plain numbers, padded numbers and OCD ids
    "NC": (
        ("37183", "Raleigh", "2", "15", "33"),
        ("37183", "Cary", "02", "017", "ocd-division/country:us/state:nc/sldl:11"),
        ("37135", "Chapel Hill", "4", "23", "56"),
        ("37001", "Graham", "ocd-division/country:us/state:nc/cd:4", "25", "64"),
    ),
    "GA": (
        ("13121", "Atlanta", "5", "36", "56"),
        ("13089", "Decatur", "005", "42", "84"),
        ("13121", "Roswell", "7", "", ""),
    ),
}


PHONE_COUNT = 30


@dataclass(frozen=True)
class Person:
    """`ids`: (namespace, scope) -> the ids that stand in the crosswalk at the end."""

    state: str
    state_voter_id: str
    ids: dict[tuple[str, str], list[str]]

    @property
    def phone(self) -> str:
        """The last four digits: people of the two states, and some of one, share a phone."""
        return f"{int(self.state_voter_id) % PHONE_COUNT:04d}"

    def id_in(self, rng: Random, namespace: str, scope: str) -> str:
        """One of the person's ids; '' if there is none."""
        if namespace == "state_voter_id":
            return self.state_voter_id if scope in ("", self.state) else ""
        found = [
            external_id
            for (space, of_scope), ids in sorted(self.ids.items())
            if space == namespace and scope in ("", of_scope)
            for external_id in ids
        ]
        return rng.choice(found) if found else ""


def random_people(rng: Random, count: int) -> list[Person]:
    people: list[Person] = []
    for number in range(count):
        state = rng.choice(["NC", "NC", "GA"])
        # leading zeros count, and both states use the same numbers
        voter_id = f"{sum(person.state == state for person in people):04d}"
        ids: dict[tuple[str, str], list[str]] = {}
        for namespace, scope, shape in (
            ("dwid", "", "{}"),
            ("vanid_voterfile", state, "{}"),
            ("vanid_campaign", "1001", "{}"),
            ("vanid_campaign", "1002", "{}"),
            ("voterbase_id", "", state + "-{}"),
            ("pdi_id", "", state + "p{}"),
        ):
            if rng.random() < 0.85:
                copies = 2 if rng.random() < 0.1 else 1
                # another number in each name space, so that a mix-up hits a stranger
                base = 1000 + (number * 7 + len(namespace) + int(scope or 0 if scope.isdecimal() else 0)) % 500
                ids[namespace, scope] = [shape.format(base + 500 * copy) for copy in range(copies)]
        if people and rng.random() < 0.05:
            ids["dwid", ""] = list(people[-1].ids.get(("dwid", ""), []))
        people.append(Person(state, voter_id, ids))
    return people


def voter_files(rng: Random, people: list[Person], stages: int) -> list[DeliveredFile]:
    """All voters first; later deliveries correct some of them (a move to another district, another party)."""
    files = []
    for stage in range(stages):
        chosen = people if stage == 0 else rng.sample(people, len(people) // 4)
        rows = [_voter(rng, person) for person in chosen]
        files.append(DeliveredFile(stage, "voters", "exchange/voters", f"{stage}_voters.csv", rows))
    return files


def person_id_files(rng: Random, people: list[Person], stages: int) -> list[DeliveredFile]:
    """Ids arrive in any stage: an answer may be unmatched in one refresh and matched in the next."""
    rows: list[list[Row]] = [[] for _ in range(stages)]
    for person in people:
        for (namespace, scope), ids in person.ids.items():
            for external_id in ids:
                stage = 0 if rng.random() < 0.8 else rng.randrange(stages)
                given = "" if namespace == "vanid_voterfile" and rng.random() < 0.5 else scope
                rows[stage].append(
                    {
                        "state": person.state,
                        "state_voter_id": person.state_voter_id,
                        "namespace": namespace,
                        "scope": given,
                        "external_id": external_id,
                    }
                )
    rows[0].append(rows[0][0] | {"state_voter_id": "nobody", "external_id": "424242"})
    return [
        DeliveredFile(stage, "person_ids", "exchange/person_ids", f"{stage}_ids.csv", of_stage)
        for stage, of_stage in enumerate(rows)
        if of_stage
    ]


def ballot_files(rng: Random, people: list[Person], stages: int) -> list[DeliveredFile]:
    statuses = ("requested", "sent", "returned", "accepted", "rejected", "voted_in_person")
    files = []
    for stage in range(stages):
        rows = [
            {
                "state": person.state,
                "state_voter_id": person.state_voter_id,
                "election_on": rng.choice(["2026-11-03", "2026-11-03", "2026-05-05"]),
                "ballot_status": rng.choice(statuses),
                "status_on": f"2026-09-{rng.randint(1, 20):02d}",
            }
            for person in rng.sample(people, len(people) // 4)
        ]
        files.append(DeliveredFile(stage, "ballots", "exchange/ballots", f"{stage}_ballots.csv", rows))
    return files


def _voter(rng: Random, person: Person) -> Row:
    county, city, congress, senate, house = rng.choice(PLACES[person.state])
    return {
        "state_voter_id": person.state_voter_id,
        "state": person.state,
        "first_name": rng.choice(["Ada", "Bo", "Cy", "José"]),
        "middle_name": "",
        "last_name": rng.choice(["Lee", "O'Neil", "van Dam"]),
        "suffix": rng.choice(["", "Jr"]),
        "birth_date": rng.choice(["1950-01-01", "1999-12-31", ""]),
        "sex": rng.choice(["F", "M", ""]),
        "party": rng.choice(["DEM", "REP", "UNA", ""]),
        "registration_status": "active" if rng.random() < 0.95 else rng.choice(["inactive", "deceased", "moved"]),
        "address": f"{rng.randint(1, 99)} Oak St",
        "city": city,
        "zip": "02761",
        "county_fips": county,
        "congressional_district": congress,
        "state_senate_district": senate,
        "state_house_district": house,
        "phone": f"919555{person.phone}" if rng.random() < 0.7 else f"919555{rng.randrange(100):04d}",
        "email": "",
    }
