"""What each partner's tool exports: one Stream per (partner, tool), and the feeds of the registry it fills.

Grain: one Stream per tool of a partner. `weight` is its share of all contact rows. The exchange's own reference feeds
are listed here too, so that feeds.csv has one source.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from exchange.demo.contests import DIVISION_OF
from exchange.demo.partners import OKAFOR_COMMITTEE, Partner
from exchange.demo.questions import MAIL, PLAN, POSTAL, SUPPORT, TURNOUT, Ask, plain
from exchange.demo.scripts import SCRIPTS

Tool = Literal["van_reports", "van_pipeline", "thrutext", "spoke", "generic"]
_PA, _NC, _US = DIVISION_OF["pa_governor_2026"], DIVISION_OF["nc_us_senate_2026"], "ocd-division/country:us"
_EASTERN = "America/New_York"
# how often a contact ends in a conversation, by channel
ANSWERING = {"door": 0.5, "phone": 0.35, "text": 0.3, "event": 0.9, "mail": 0.95, "online": 0.97}


class Feed(NamedTuple):
    """Columns of feeds.csv, in order."""

    feed_id: str
    partner_id: str
    file_format: str
    location: str
    file_pattern: str
    coverage: str
    timezone: str
    id_namespace: str
    id_scope: str
    state: str
    expected_every_hours: str
    min_rows: str = "1"
    max_reject_share: str = "0.05"


@dataclass(frozen=True, slots=True)
class Stream:
    """One tool of one partner. `quirks`: named oddities of its exports, each explained where a writer looks for it.

    `synced_from`: the stream of the partner's texting tool whose conversations this one (VAN) tells again.
    """

    name: str
    partner_id: str
    tool: Tool
    weight: float
    division: str
    namespace: str
    scope: str = ""
    state: str = ""
    timezone: str = _EASTERN
    coverage: str = "delta"
    expected_hours: int = 24
    channels: tuple[tuple[str, float], ...] = (("door", 1.0),)
    files: int = 2
    quirks: tuple[str, ...] = ()
    synced_from: str = ""
    script: tuple[Ask, ...] = ()

    def feed(self, suffix: str, file_format: str, folder: str, pattern: str) -> Feed:
        return Feed(
            feed_id=f"{self.name}_{suffix}" if suffix else self.name,
            partner_id=self.partner_id, file_format=file_format, location=f"{self.partner_id}/{folder}",
            file_pattern=pattern, coverage=self.coverage, timezone=self.timezone, id_namespace=self.namespace,
            id_scope=self.scope, state=self.state, expected_every_hours=str(self.expected_hours),
        )  # fmt: skip

    @property
    def rows_per_talk(self) -> float:
        """Delivered rows per conversation, roughly: how many conversations fill a stream's share of the rows."""
        answered = sum(share * ANSWERING[channel] for channel, share in self.channels)
        answers = sum(ask.share for ask in self.script)
        if self.tool == "generic":
            return (answered * answers + 1 - answered) * (1.5 if self.coverage == "snapshot" else 1)
        if self.tool == "spoke":
            return 1.5
        return 1 + answered * (answers + (2 if self.tool == "thrutext" else 0))

    def feeds(self) -> tuple[Feed, ...]:
        """The stream's feeds; one tool may fill several."""
        if self.tool == "van_reports":
            return (
                self.feed("survey", "van_survey_response_report", "van_survey_responses", "PersonFile*.zip"),
                self.feed("history", "van_contact_history_report", "van_contact_history", "PersonFile*.zip"),
            )
        if self.tool == "van_pipeline":
            return (
                self.feed("contacts", "van_contactscontacts", "van_pipeline", "contactscontacts_*.csv"),
                self.feed("responses", "van_contactssurveyresponses", "van_pipeline", "contactssurveyresponses_*.csv"),
            )
        if self.tool == "thrutext":
            return (
                self.feed("messages", "thrutext_messages", "thrutext", "messages_*.csv"),
                self.feed("surveys", "thrutext_surveys", "thrutext", "surveys_*.csv"),
                self.feed("opt_outs", "thrutext_opt_outs", "thrutext", "opt_outs_*.csv"),
            )
        if self.tool == "spoke":
            return (self.feed("", "spoke_contacts", "spoke", "*-export-*.csv"),)
        folder = "spreadsheet" if "spreadsheet" in self.quirks else "contacts"
        return (self.feed("", "generic_contacts", folder, "contacts_*.csv"),)


_DOORS_AND_CALLS = (("door", 0.6), ("phone", 0.4))
_STREAMS: tuple[Stream, ...] = (
    Stream("pa_party_van", "pa_party", "van_pipeline", 16, _PA, "vanid_voterfile", "PA", "PA",
           channels=(("door", 0.6), ("phone", 0.4))),
    Stream("pa_party_spoke", "pa_party", "spoke", 7, _PA, "vanid_voterfile", "PA", "PA", files=3,
           channels=(("text", 1.0),)),
    Stream("nc_party_van", "nc_party", "van_pipeline", 13, _NC, "vanid_voterfile", "NC", "NC",
           channels=_DOORS_AND_CALLS),
    Stream("lopez_van", "lopez_for_governor", "van_reports", 11, _PA, "vanid_voterfile", "PA", "PA",
           channels=_DOORS_AND_CALLS, synced_from="lopez_thrutext"),
    Stream("lopez_thrutext", "lopez_for_governor", "thrutext", 6, _PA, "vanid_voterfile", "PA", "PA",
           channels=(("text", 1.0),)),
    Stream("okafor_van", "okafor_for_senate", "van_reports", 8, _NC, "vanid_campaign", OKAFOR_COMMITTEE, "NC",
           channels=(("door", 0.4), ("phone", 0.6)), quirks=("my_campaign",)),
    Stream("voter_voice_thrutext", "voter_voice", "thrutext", 9, _US, "dwid", timezone="America/Chicago",
           channels=(("text", 1.0),), expected_hours=48),
    Stream("carolina_doors_contacts", "carolina_doors", "generic", 7, _NC, "state_voter_id", "NC", "NC",
           channels=(("door", 0.85), ("event", 0.15)), files=3, quirks=("bare_times", "copied_file")),
    Stream("carolina_doors_sheets", "carolina_doors", "generic", 3, _NC, "state_voter_id", "NC", "NC",
           expected_hours=168, files=1, channels=(("door", 0.7), ("event", 0.3)), quirks=("spreadsheet",)),
    Stream("mail_ballot_survey", "mail_ballot_alliance", "generic", 7, _US, "voterbase_id", timezone="UTC",
           coverage="snapshot", expected_hours=168, channels=(("phone", 0.5), ("mail", 0.2), ("online", 0.3))),
    Stream("labor_table_van", "labor_table_pa", "van_reports", 6, _PA, "vanid_voterfile", "PA", "PA",
           expected_hours=48),
    Stream("reyes_contacts", "reyes_for_congress", "generic", 5, DIVISION_OF["pa_us_house_07_2026"],
           "state_voter_id", "PA", "PA", channels=_DOORS_AND_CALLS, quirks=("strays",)),
    Stream("hale_spoke", "hale_for_house", "spoke", 3, DIVISION_OF["nc_us_house_02_2026"], "vanid_voterfile",
           "NC", "NC", files=3, channels=(("text", 1.0),), expected_hours=48),
    Stream("old_north_contacts", "old_north_pac", "generic", 2, _NC, "state_voter_id", "NC", "NC",
           timezone="America/Los_Angeles", expected_hours=168, files=1, channels=(("door", 0.5), ("phone", 0.5))),
)  # fmt: skip


def make_streams(partners: tuple[Partner, ...]) -> tuple[Stream, ...]:
    """The streams of the partners present; every small partner has one plain feed."""
    present = {partner.partner_id for partner in partners}
    named = [replace(stream, script=SCRIPTS[stream.name]) for stream in _STREAMS if stream.partner_id in present]
    small = [_small_stream(partner) for partner in partners if partner.partner_id.startswith("partner_")]
    return (*named, *small)


def _small_stream(partner: Partner) -> Stream:
    candidate, division = ("lopez", _PA) if partner.states == "PA" else ("okafor", _NC)
    script = (plain(f"{candidate}_support", SUPPORT, candidate, map_partner="*"),
              plain("vbm_comfort", MAIL, share=0.3, map_partner="*"),
              plain("postal_trust", POSTAL, share=0.2, map_partner="*"),
              plain("turnout", TURNOUT, share=0.2, map_partner="*"),
              plain("vote_plan", PLAN, share=0.2, map_partner="*"))  # fmt: skip
    return Stream(
        f"{partner.partner_id}_contacts", partner.partner_id, "generic", 2, division, "state_voter_id",
        partner.states, partner.states, channels=_DOORS_AND_CALLS, expected_hours=168, script=script,
    )  # fmt: skip


def reference_feeds() -> tuple[Feed, ...]:
    """Feeds of the reserved partner `exchange`: voter files, id crosswalks, ballot returns."""

    def feed(name: str, file_format: str, folder: str, pattern: str, coverage: str, state: str, hours: int) -> Feed:
        return Feed(f"exchange_{name}", "exchange", file_format, f"exchange/{folder}", pattern, coverage, _EASTERN,
                    "state_voter_id", state, state, str(hours))  # fmt: skip

    return (
        feed("voters_pa", "generic_voters", "voters", "voters_pa_*.csv", "snapshot", "PA", 168),
        feed("voters_nc", "generic_voters", "voters", "voters_nc_*.csv", "snapshot", "NC", 168),
        feed("ids_vanid", "generic_person_ids", "person_ids", "vanid_voterfile_*.csv", "snapshot", "", 168),
        feed("ids_vanid_campaign", "generic_person_ids", "person_ids", "vanid_campaign_*.csv", "snapshot", "", 168),
        feed("ids_dwid", "generic_person_ids", "person_ids", "dwid_*.csv", "snapshot", "", 168),
        feed("ids_voterbase", "generic_person_ids", "person_ids", "voterbase_id_*.csv", "snapshot", "", 168),
        feed("ballots_pa", "generic_ballots", "ballots", "ballots_pa_*.csv", "delta", "PA", 24),
        feed("ballots_nc", "generic_ballots", "ballots", "ballots_nc_*.csv", "delta", "NC", 24),
    )
