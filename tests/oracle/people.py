"""Voters, their ids, divisions and ballots; and who a delivered person id is (interfaces 4, 5, 8, 9)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date

from .inbox import Delivery
from .registry import EXCHANGE, Feed, Partner, Registry, Row
from .statements import numbered_rows
from .vocabulary import Vocabulary

VoterKey = tuple[str, str]  # (state, state_voter_id)


@dataclass(frozen=True)
class Voter:
    """Grain: one live row of the voter files: (state, state_voter_id). `row` is the delivered text."""

    key: VoterKey
    row: Row

    @property
    def state(self) -> str:
        return self.key[0]

    def district(self, column: str, kind: str) -> str | None:
        """OCD id of a district column: a plain number loses its leading zeros."""
        text = self.row.get(column, "")
        if not text or text.startswith("ocd-division/"):
            return text or None
        number = str(int(text)) if text.isdecimal() else text.lower()
        return f"{self._state_division()}/{kind}:{number}"

    def divisions(self, county_divisions: dict[str, str]) -> set[str]:
        """Every division whose contests are on this voter's ballot."""
        found = {
            "ocd-division/country:us",
            self._state_division(),
            self.district("congressional_district", "cd"),
            self.district("state_senate_district", "sldu"),
            self.district("state_house_district", "sldl"),
        }
        found.add(county_divisions.get(self.row.get("county_fips", "")))
        # as OCD ids spell names: no dots, an apostrophe is a tilde, hyphens and accents stay
        city = self.row.get("city", "").strip().lower().translate({ord("."): None, ord("'"): "~", ord(" "): "_"})
        if city:
            found.add(f"{self._state_division()}/place:{city}")
        return {division for division in found if division}

    def _state_division(self) -> str:
        return f"ocd-division/country:us/state:{self.state.lower()}"


@dataclass
class People:
    """All voters with their external ids. `owners`: (namespace, scope, id) -> the voters who carry it.

    `versions`: what the voter files said from which day on; None: the voter was not on them.
    """

    voters: dict[VoterKey, Voter] = field(default_factory=dict)
    owners: dict[tuple[str, str, str], set[VoterKey]] = field(default_factory=lambda: defaultdict(set))
    ballots: dict[VoterKey, dict[date, str]] = field(default_factory=lambda: defaultdict(dict))
    # election -> day of that status
    ballot_days: dict[VoterKey, dict[date, date]] = field(default_factory=lambda: defaultdict(dict))
    # days on which a ballot came in or was cast
    voted_on: dict[VoterKey, list[date]] = field(default_factory=lambda: defaultdict(list))
    versions: dict[VoterKey, list[tuple[date, Voter | None]]] = field(default_factory=lambda: defaultdict(list))

    def registered(self, key: VoterKey, day: date) -> Voter | None:
        """The voter as the files said on a day; before the first of them as the first did."""
        versions = self.versions[key]
        return [voter for since, voter in versions if since <= day or since == versions[0][0]][-1]

    def who(self, namespace: str, scope: str, external_id: str) -> VoterKey | None:
        """The one voter behind an id; None: nobody, or not exactly one."""
        owners = self.owners.get((namespace, scope, external_id), set())
        return next(iter(owners)) if external_id and len(owners) == 1 else None

    def person_ids(self, partner: Partner) -> dict[VoterKey, str]:
        """Each person's id in the partner's namespace: of several the lowest in text order."""
        if partner.id_namespace == EXCHANGE:
            # our own voter numbers are the product's to give: the oracle can only say whose they are
            return {key: "/".join(key) for key in self.voters}
        found: dict[VoterKey, str] = {}
        for (namespace, scope, external_id), owners in self.owners.items():
            if namespace != partner.id_namespace or len(owners) != 1:
                continue
            if partner.id_scope and scope != partner.id_scope:
                continue
            (owner,) = owners
            found[owner] = min(found.get(owner, external_id), external_id)
        return found


def gather_people(registry: Registry, deliveries: dict[str, list[Delivery]], vocabulary: Vocabulary) -> People:
    """Read the reference feeds: voters first, since ids and ballots count only for a known voter."""
    people = People()
    for row in _live_rows(registry, deliveries, "generic_voters", ("state", "state_voter_id")):
        key = voter_key(row)
        people.voters[key] = Voter(key, row)
        people.owners["state_voter_id", key[0], key[1]].add(key)
    _gather_versions(people, registry, deliveries)
    id_columns = ("state", "state_voter_id", "namespace", "scope", "external_id")
    for row in _live_rows(registry, deliveries, "generic_person_ids", id_columns):
        if voter_key(row) in people.voters:
            scope = row_scope(vocabulary, row["namespace"], row.get("scope", ""), row["state"])
            people.owners[row["namespace"], scope, row["external_id"]].add(voter_key(row))
    for row in _live_rows(registry, deliveries, "generic_ballots", ("state", "state_voter_id", "election_on")):
        if voter_key(row) in people.voters:
            election = date.fromisoformat(row["election_on"])
            people.ballots[voter_key(row)][election] = row.get("ballot_status", "")
            if row.get("status_on"):
                people.ballot_days[voter_key(row)][election] = date.fromisoformat(row["status_on"])
            if row.get("ballot_status") in ("returned", "accepted", "voted_in_person") and row.get("status_on"):
                people.voted_on[voter_key(row)].append(date.fromisoformat(row["status_on"]))
    return people


def _gather_versions(people: People, registry: Registry, deliveries: dict[str, list[Delivery]]) -> None:
    """Each file of each voter feed in order: what it says of a voter holds from the day it was taken."""
    for feed in registry.feeds.values():
        if feed.file_format != "generic_voters":
            continue
        on_file: set[VoterKey] = set()
        last = date.min
        for delivery in deliveries.get(feed.feed_id, []):
            # a file taken on an earlier date (a replay) speaks from the later day on
            last = max(last, delivery.received_at.astimezone(UTC).date())
            told = {
                voter_key(row): row for _, _, row in numbered_rows([delivery]) if row["state"] and row["state_voter_id"]
            }
            for key, row in told.items():
                people.versions[key].append((last, Voter(key, row)))
            if feed.coverage == "snapshot":
                for key in on_file - set(told):
                    people.versions[key].append((last, None))
                on_file = set()
            on_file |= set(told)


def row_scope(vocabulary: Vocabulary, namespace: str, scope: str, state: str) -> str:
    """The scope an id is unique in; '' for a national namespace, whatever was given."""
    if not vocabulary.needs_scope(namespace):
        return ""
    return scope or (state.upper() if vocabulary.needs_state(namespace) else "")


def feed_scope(vocabulary: Vocabulary, feed: Feed, row_state: str) -> str:
    """Scope of the person ids of a feed's row (interfaces 4)."""
    return row_scope(vocabulary, feed.id_namespace, feed.id_scope, feed.state or row_state)


def voter_key(row: Row) -> VoterKey:
    return row["state"].upper(), row["state_voter_id"]


def _live_rows(
    registry: Registry, deliveries: dict[str, list[Delivery]], file_format: str, key: tuple[str, ...]
) -> list[Row]:
    """Newest delivery of each key of each feed; of a snapshot feed only its newest file."""
    live: dict[tuple[str, ...], Row] = {}
    for feed in registry.feeds.values():
        if feed.file_format != file_format:
            continue
        of_feed: dict[tuple[str, ...], Row] = {}
        files = deliveries.get(feed.feed_id, [])
        for _, _, row in numbered_rows(files[-1:] if feed.coverage == "snapshot" else files):
            of_feed[tuple(row.get(column, "") for column in key)] = row
        live |= of_feed
    return [row for row in live.values() if row["state"] and row["state_voter_id"]]
