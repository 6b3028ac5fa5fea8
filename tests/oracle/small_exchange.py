"""A tiny exchange for literal cases: four voters, four partners, one contacts feed each, one rule at a time."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .exchange import Views, expected_views
from .inbox import Delivery
from .registry import Row

PARTNERS = [
    # partner_id, side, states, id_namespace, id_scope, voter_fields
    ("ann", "coordinated", "NC", "state_voter_id", "NC", "contact"),
    ("bob", "coordinated", "NC GA", "dwid", "", "names"),
    ("cat", "coordinated", "*", "dwid", "", "ids"),
    ("ind", "independent", "NC GA", "dwid", "", "ids"),
]
VOTERS = [
    # state, state_voter_id, county_fips, city, cd, sldu, sldl, dwid
    ("NC", "001", "37183", "Raleigh", "2", "015", "ocd-division/country:us/state:nc/sldl:33", "91"),
    ("NC", "002", "37001", "Graham", "04", "25", "64", "92"),
    ("GA", "001", "13121", "Atlanta", "5", "36", "56", "93"),
    ("NC", "003", "37183", "Raleigh", "2", "15", "33", ""),
]
CONTESTS = [
    ("us-pres", "president", "ocd-division/country:us"),
    ("nc-sen", "us_senate", "ocd-division/country:us/state:nc"),
    ("nc-02", "us_house", "ocd-division/country:us/state:nc/cd:2"),
    ("nc-04", "us_house", "ocd-division/country:us/state:nc/cd:4"),
    ("wake", "county", "ocd-division/country:us/state:nc/county:wake"),
    ("raleigh", "municipal", "ocd-division/country:us/state:nc/place:raleigh"),
]
# question text of the generic files -> (question_code, contest, candidate); answers are the digits themselves
QUESTIONS = {
    "pres": ("candidate_support", "us-pres", "p1"),
    "sen": ("candidate_support", "nc-sen", "s1"),
    "house2": ("candidate_support", "nc-02", "h2"),
    "house4": ("candidate_support", "nc-04", "h4"),
    "wake": ("candidate_support", "wake", "w1"),
    "raleigh": ("candidate_support", "raleigh", "r1"),
    "mail": ("vote_by_mail_comfort", "", ""),
    "post": ("postal_service_trust", "", ""),
}
ALL = {
    "effect": "share",
    "contributor": "*",
    "recipient": "*",
    "subject": "*",
    "question_code": "*",
    "office_level": "*",
    "state": "*",
    "channel": "*",
    "embargo_days": "0",
    "attribution": "named",
    "date_precision": "day",
    "valid_from": "",
    "valid_until": "",
}
NATIVE_IDS = {"ann": "state_voter_id", "bob": "dwid", "cat": "dwid", "ind": "dwid"}


@dataclass
class SmallExchange:
    """Collect rules and deliveries, then ask `views`. Oracle code under test does all the rest."""

    folder: Path
    rules: list[Row] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    feeds: list[dict[str, str]] = field(default_factory=list)
    inactive: set[str] = field(default_factory=set)
    groups: dict[str, list[str]] = field(default_factory=dict)
    extra_map: list[dict[str, str]] = field(default_factory=list)
    extra_ids: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    ballots: list[tuple[str, ...]] = field(default_factory=list)
    elections: dict[str, str] = field(default_factory=dict)
    limits: list[tuple[str, int, int]] = field(default_factory=list)

    def rule(self, **columns: str) -> None:
        self.rules.append(ALL | {"rule_id": f"r{len(self.rules)}"} | columns)

    def file(self, partner: str, *rows: Row, received: str = "2026-09-30", feed: str = "") -> None:
        """One delivered file of a partner's contacts feed."""
        at = datetime.fromisoformat(received).replace(tzinfo=UTC)
        name = f"{len(self.deliveries):03d}.csv"
        self.deliveries.append(Delivery(feed or f"{partner}_contacts", name, list(rows), at))

    def views(self, as_of: str = "2026-10-01T12:00") -> dict[str, Views]:
        self._write_registry()
        reference = [
            Delivery("voters", "v.csv", [_voter(row) for row in VOTERS], datetime(2026, 1, 1, tzinfo=UTC)),
            Delivery("ids", "i.csv", self._person_ids(), datetime(2026, 1, 1, tzinfo=UTC)),
            Delivery("ballots", "b.csv", self._ballots(), datetime(2026, 1, 1, tzinfo=UTC)),
        ]
        now = datetime.fromisoformat(as_of).replace(tzinfo=UTC)
        return expected_views(self.folder, reference + self.deliveries, now)

    def see(self, partner: str, view: str = "voter_responses", as_of: str = "2026-10-01T12:00") -> list[Any]:
        return self.views(as_of)[partner][view]

    def _person_ids(self) -> list[Row]:
        rows = [(row[0], row[1], "dwid", "", row[7]) for row in VOTERS if row[7]]
        columns = ("state", "state_voter_id", "namespace", "scope", "external_id")
        return [dict(zip(columns, row, strict=True)) for row in rows + self.extra_ids]

    def _ballots(self) -> list[Row]:
        columns = ("state", "state_voter_id", "election_on", "ballot_status", "status_on")
        return [dict(zip(columns, row, strict=False)) for row in self.ballots]

    def _write_registry(self) -> None:
        columns = ("partner_id", "side", "states", "id_namespace", "id_scope", "voter_fields")
        partners = [
            dict(zip(columns, row, strict=True))
            | {
                "share_schema": f"p_00000{number}",
                "is_active": "false" if row[0] in self.inactive else "true",
            }
            for number, row in enumerate(PARTNERS)
        ]
        self._write("partners", partners)
        self._write("feeds", [_feed(feed) for feed in self._all_feeds()])
        contests = [
            {"contest_id": id_, "office_level": level, "division_id": where, "election_on": self.elections.get(id_, "")}
            for id_, level, where in CONTESTS
        ]
        self._write("contests", contests)
        self._write("answer_map", [_mapping(row) for row in self._all_mappings()])
        self._write("sharing_rules", self.rules)
        columns_of_limits = ("partner", "window_days", "min_answers")
        self._write("give_to_get", [dict(zip(columns_of_limits, map(str, row), strict=True)) for row in self.limits])
        members = [(group, partner) for group, partners_in in self.groups.items() for partner in partners_in]
        self._write("partner_groups", [{"group_id": g, "partner_id": p} for g, p in members])

    def _all_feeds(self) -> list[dict[str, str]]:
        feeds = [
            {"feed_id": f"{partner}_contacts", "partner_id": partner, "id_namespace": namespace}
            for partner, namespace in NATIVE_IDS.items()
        ]
        for feed_id, file_format in (
            ("voters", "generic_voters"),
            ("ids", "generic_person_ids"),
            ("ballots", "generic_ballots"),
        ):
            feeds.append({"feed_id": feed_id, "partner_id": "exchange", "file_format": file_format})
        changed = {feed["feed_id"]: feed for feed in self.feeds}
        kept = [feed | changed.pop(feed["feed_id"], {}) for feed in feeds]
        return kept + list(changed.values())

    def _all_mappings(self) -> list[dict[str, str]]:
        mappings = []
        for question, (code, contest, candidate) in QUESTIONS.items():
            for digit in "12345" if code != "postal_service_trust" else "123":
                mappings.append(
                    {
                        "source_question": question,
                        "source_answer": digit,
                        "question_code": code,
                        "contest_id": contest,
                        "candidate_id": candidate,
                        "answer_code": digit,
                    }
                )
        return mappings + self.extra_map

    def _write(self, name: str, rows: list[dict[str, str]]) -> None:
        with (self.folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as handle:
            if rows:
                writer = csv.DictWriter(handle, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)


def said(record: str, person: str, question: str = "", answer: str = "", **columns: str) -> Row:
    """One line of generic_contacts; by default at a door at noon of 1 September 2026, time zone of the feed."""
    line = {
        "record_id": record,
        "person_id": person,
        "contacted_at": "2026-09-01T12:00:00",
        "channel": "door",
    }
    return line | {"question": question, "answer": answer} | columns


def _feed(columns: dict[str, str]) -> dict[str, str]:
    defaults = {
        "feed_id": "",
        "partner_id": "",
        "file_format": "generic_contacts",
        "location": "",
        "file_pattern": "*",
        "coverage": "delta",
        "timezone": "America/New_York",
        "id_namespace": "",
        "id_scope": "",
        "state": "NC",
    }
    return defaults | columns


def _mapping(columns: dict[str, str]) -> dict[str, str]:
    defaults = {
        "file_format": "generic_contacts",
        "partner_id": "*",
        "id_scope": "*",
        "source_question": "",
        "source_answer": "",
        "question_code": "",
        "contest_id": "",
        "candidate_id": "",
        "answer_code": "",
        "valid_from": "",
        "valid_until": "",
    }
    return defaults | columns


def _voter(row: tuple[str, ...]) -> Row:
    columns = (
        "state",
        "state_voter_id",
        "county_fips",
        "city",
        "congressional_district",
        "state_senate_district",
        "state_house_district",
    )
    return dict(zip(columns, row[:-1], strict=True)) | {
        "first_name": "Pat",
        "last_name": "Lee",
        "birth_date": "1970-12-31",
        "phone": "9195550100",
    }
