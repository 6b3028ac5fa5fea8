"""The registry of one exchange: a model per file of the registry folder, a field per column.

Whether a value exists elsewhere (a partner, a contest) is not judged here but in the checks of this package.
"""

from __future__ import annotations

from typing import Literal

from exchange.registry.columns import (
    Boolean,
    Count,
    DivisionId,
    FilePattern,
    Hours,
    IsoDate,
    Location,
    Row,
    Share,
    ShareSchema,
    Slug,
    SmallInt,
    StateCode,
    States,
    Text,
    TimeZone,
    WindowDays,
)

EXCHANGE_PARTNER = "exchange"
EVERY = "*"
IGNORE = "ignore"
GROUP_PREFIX = "group:"

Side = Literal["coordinated", "independent"]
PartnerKind = Literal["campaign", "party", "organization"]
VoterFields = Literal["ids", "names", "contact"]
OfficeLevel = Literal[
    "president", "us_senate", "us_house", "governor", "state_senate", "state_house", "county", "municipal"
]
OfficeLevelOrEvery = Literal["*", OfficeLevel]


class Partner(Row):
    """One organization. The reserved partner `exchange` may leave everything but its id blank."""

    partner_id: Slug
    partner_name: Text | None = None
    side: Side | None = None
    kind: PartnerKind | None = None
    share_schema: ShareSchema | None = None
    id_namespace: Text | None = None
    id_scope: Text | None = None
    voter_fields: VoterFields | None = None
    states: States | None = None
    is_active: Boolean | None = None

    @property
    def name(self) -> str:
        return self.partner_name or self.partner_id

    @property
    def is_exchange(self) -> bool:
        return self.partner_id == EXCHANGE_PARTNER


class PartnerGroup(Row):
    """One membership: this partner belongs to this group."""

    group_id: Text
    partner_id: Text


class Feed(Row):
    """One stream of files of one partner in one format."""

    feed_id: Text
    partner_id: Text
    file_format: Text
    location: Location
    file_pattern: FilePattern
    coverage: Literal["delta", "snapshot"]
    timezone: TimeZone | None = None
    id_namespace: Text | None = None
    id_scope: Text | None = None
    state: StateCode | None = None
    expected_every_hours: Hours | None = None
    min_rows: Count | None = None
    max_reject_share: Share | None = None


class Contest(Row):
    """One election of one office in one division on one day."""

    contest_id: Text
    office_level: OfficeLevel
    contest_name: Text | None = None
    division_id: DivisionId
    election_on: IsoDate
    valid_from: IsoDate | None = None
    valid_until: IsoDate | None = None


class Candidate(Row):
    """One candidacy: this person in this contest."""

    candidate_id: Text
    contest_id: Text
    candidate_name: Text | None = None
    party: Text | None = None


class AnswerMapping(Row):
    """What one source answer means, for one format, partner (or `*`) and id scope (or `*`)."""

    file_format: Text
    partner_id: Text
    id_scope: Text
    source_question: Text
    source_answer: Text
    question_code: Text
    contest_id: Text | None = None
    candidate_id: Text | None = None
    answer_code: SmallInt | None = None
    valid_from: IsoDate | None = None
    valid_until: IsoDate | None = None

    @property
    def is_ignored(self) -> bool:
        return self.question_code == IGNORE


class SharingRule(Row):
    """One rule of who sees what of whom, in which form. embargo_days count from the contact date."""

    rule_id: Text
    effect: Literal["share", "withhold"]
    contributor: Text
    recipient: Text
    subject: Literal["responses", "contacts", "*"]
    question_code: Text
    office_level: OfficeLevelOrEvery
    state: Text
    channel: Text
    embargo_days: Count | None = None
    attribution: Literal["blind", "named"] | None = None
    date_precision: Literal["day", "month", "two_months"] | None = None
    valid_from: IsoDate | None = None
    valid_until: IsoDate | None = None
    agreement: Text | None = None


class GiveToGet(Row):
    """One limit: whom it means receives others' rows only while it gave that many answers in that many days."""

    partner: Text
    window_days: WindowDays
    min_answers: Count
