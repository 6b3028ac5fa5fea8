"""Who takes part in the demo exchange: partners and partner groups.

Grain: one Partner per organization. The first twelve are written out; a larger demo adds small organizations and
campaigns that use the plain format.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple


class Partner(NamedTuple):
    """Columns of partners.csv, in order."""

    partner_id: str
    partner_name: str
    side: str
    kind: str
    share_schema: str
    id_namespace: str
    id_scope: str
    voter_fields: str
    states: str
    is_active: str = "true"


class Membership(NamedTuple):
    """Columns of partner_groups.csv, in order."""

    group_id: str
    partner_id: str


OKAFOR_COMMITTEE = "61234"

_NAMED: tuple[Partner, ...] = (
    Partner("pa_party", "Keystone Coordinated Campaign", "coordinated", "party", "",
            "vanid_voterfile", "PA", "contact", "PA"),
    Partner("nc_party", "North Carolina Coordinated Campaign", "coordinated", "party", "",
            "vanid_voterfile", "NC", "contact", "NC"),
    Partner("lopez_for_governor", "Lopez for Governor", "coordinated", "campaign", "",
            "vanid_voterfile", "PA", "names", "PA"),
    Partner("okafor_for_senate", "Okafor for Senate", "coordinated", "campaign", "",
            "vanid_campaign", OKAFOR_COMMITTEE, "names", "NC"),
    Partner("voter_voice", "Voter Voice Project", "independent", "organization", "", "dwid", "", "names", "PA NC"),
    Partner("carolina_doors", "Carolina Doors", "independent", "organization", "",
            "state_voter_id", "NC", "contact", "NC"),
    Partner("mail_ballot_alliance", "Mail Ballot Alliance", "independent", "organization", "",
            "voterbase_id", "", "ids", "PA NC"),
    Partner("labor_table_pa", "Pennsylvania Labor Table", "independent", "organization", "",
            "vanid_voterfile", "PA", "names", "PA"),
    Partner("reyes_for_congress", "Reyes for Congress", "coordinated", "campaign", "",
            "state_voter_id", "PA", "contact", "PA"),
    Partner("hale_for_house", "Bettina Hale for NC House", "coordinated", "campaign", "",
            "vanid_voterfile", "NC", "names", "NC"),
    Partner("civic_data_fund", "Civic Data Fund", "independent", "organization", "", "exchange", "", "ids", "*"),
    Partner("old_north_pac", "Old North State Action", "independent", "organization", "",
            "state_voter_id", "NC", "ids", "NC", "false"),
)  # fmt: skip

_GROUPS: tuple[Membership, ...] = (
    Membership("keystone_table", "pa_party"),
    Membership("keystone_table", "lopez_for_governor"),
    Membership("keystone_table", "reyes_for_congress"),
    Membership("mail_vote_table", "mail_ballot_alliance"),
    Membership("mail_vote_table", "voter_voice"),
    Membership("mail_vote_table", "civic_data_fund"),
    Membership("carolina_table", "carolina_doors"),
    Membership("carolina_table", "old_north_pac"),
    Membership("carolina_table", "voter_voice"),
)


def make_partners(count: int) -> tuple[Partner, ...]:
    """The first `count` partners, each with an opaque schema name. The names do not depend on the demo's seed."""
    found = [*_NAMED, *(_small_partner(number) for number in range(len(_NAMED) + 1, count + 1))][:count]
    taken: set[str] = set()
    return tuple(partner._replace(share_schema=_schema(partner.partner_id, taken)) for partner in found)


def make_groups(partners: tuple[Partner, ...]) -> tuple[Membership, ...]:
    present = {partner.partner_id for partner in partners}
    return tuple(membership for membership in _GROUPS if membership.partner_id in present)


def _schema(partner_id: str, taken: set[str]) -> str:
    # 24 bits: with thousands of partners two names would meet, so the next one is tried
    attempt = 0
    while True:
        name = "p_" + hashlib.sha256(f"voter exchange demo/{partner_id}/{attempt}".encode()).hexdigest()[:6]
        if name not in taken:
            taken.add(name)
            return name
        attempt += 1


def _small_partner(number: int) -> Partner:
    state = ("PA", "NC")[number % 2]
    if number % 3 == 0:
        name, side, kind = f"Neighbors for Change {number}", "independent", "organization"
    else:
        name, side, kind = f"Committee to Elect {number}", "coordinated", "campaign"
    fields = ("ids", "names", "contact")[number % 3]
    return Partner(f"partner_{number:04d}", name, side, kind, "", "state_voter_id", state, fields, state)
