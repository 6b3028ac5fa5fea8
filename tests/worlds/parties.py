"""Random partners on both sides, groups, and the feeds that they deliver."""

from __future__ import annotations

from random import Random

from .world import Row

STATES = ("NC", "GA")
NAMES = ("alder", "birch", "cedar", "dogwood", "elm", "fir", "ginkgo", "hazel")
# namespace, id_scope, states that fit it
IDENTITIES = (
    ("dwid", "", "NC GA"),
    ("dwid", "", "*"),
    ("state_voter_id", "NC", "NC"),
    ("state_voter_id", "", "NC GA"),
    ("vanid_voterfile", "GA", "GA"),
    ("vanid_voterfile", "", "*"),
    ("vanid_campaign", "1001", "NC GA"),
    ("vanid_campaign", "1002", "NC"),
    ("voterbase_id", "", "GA"),
    ("pdi_id", "", "NC GA"),
)
TIME_ZONES = ("America/New_York", "America/Los_Angeles", "UTC", "Pacific/Honolulu", "Asia/Tokyo")


def random_partners(rng: Random) -> list[Row]:
    """4 to 8 partners, at least two on each side; one of them may be inactive. The reserved has no row."""
    names = list(NAMES[: rng.randint(4, 8)])
    schemas = rng.sample(range(0x100000, 0xFFFFFF), len(names))
    inactive = rng.choice(names) if rng.random() < 0.7 else None
    partners = []
    for number, (name, schema) in enumerate(zip(names, schemas, strict=True)):
        namespace, scope, states = rng.choice(IDENTITIES)
        partners.append(
            {
                "partner_id": name,
                "partner_name": f"{name.title()} for {rng.choice(['Change', 'Tomorrow', 'All'])}",
                "side": ("coordinated", "independent")[number % 2],
                "kind": rng.choice(["campaign", "party", "organization"]),
                "share_schema": f"p_{schema:06x}",
                "id_namespace": namespace,
                "id_scope": scope,
                "voter_fields": rng.choice(["ids", "names", "contact"]),
                "states": states,
                "is_active": "false" if name == inactive else "true",
            }
        )
    return partners


def random_groups(rng: Random, partners: list[Row]) -> list[Row]:
    """Two groups inside one side and one across both."""
    rows = []
    for group, side in (("table_c", "coordinated"), ("table_i", "independent"), ("everyone_else", "")):
        members = [row["partner_id"] for row in partners if side in ("", row["side"])]
        for member in rng.sample(members, max(1, len(members) - 1)):
            rows.append({"group_id": group, "partner_id": member})
    return rows


def random_feeds(rng: Random, partners: list[Row]) -> list[Row]:
    """The three reference feeds, and one or two contacts feeds of each partner in its own or another id system."""
    feeds = [
        _feed("voters", "exchange", "generic_voters", "delta"),
        _feed("person_ids", "exchange", "generic_person_ids", "delta"),
        _feed("ballots", "exchange", "generic_ballots", "delta"),
    ]
    for partner in partners:
        for number in range(rng.choice([1, 1, 2])):
            namespace, scope = partner["id_namespace"], partner["id_scope"]
            if number or rng.random() < 0.2:
                namespace, scope, _ = rng.choice(IDENTITIES)
            feed_id = f"{partner['partner_id']}_{rng.choice('XYabz')}{number}"
            feed = _feed(feed_id, partner["partner_id"], "generic_contacts", rng.choice(["delta", "snapshot"]))
            feed |= {"timezone": rng.choice(TIME_ZONES), "id_namespace": namespace, "id_scope": scope}
            if namespace in ("state_voter_id", "vanid_voterfile"):
                # blank: each row's own state says which state's id it is
                feed["state"] = scope or rng.choice(["NC", "GA", ""])
            feeds.append(feed)
    return feeds


def _feed(feed_id: str, partner_id: str, file_format: str, coverage: str) -> Row:
    return {
        "feed_id": feed_id,
        "partner_id": partner_id,
        "file_format": file_format,
        "location": f"{partner_id}/{feed_id}",
        "file_pattern": "*.csv",
        "coverage": coverage,
        "timezone": "UTC",
        "id_namespace": "",
        "id_scope": "",
        "state": "",
        "expected_every_hours": "24",
        "min_rows": "",
        "max_reject_share": "",
    }
