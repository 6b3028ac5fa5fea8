"""What the oracle knows of each file format: header spellings, required columns, encoding."""

from __future__ import annotations

from dataclasses import dataclass

_VANID = {"Voter File VANID": "vanid", "MyCampaignID": "vanid", "VanID": "vanid"}
_EXTERNAL_ID = dict.fromkeys(
    ("van_id", "vanid", "voterbase_id", "dwid", "state_voter_id", "external_id"), "external_id"
)


@dataclass(frozen=True)
class FileFormat:
    """`aliases`: header as printed -> column; headers are compared trimmed and without regard to case."""

    columns: frozenset[str]
    required: frozenset[str]
    aliases: dict[str, str]
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    refuses_unknown_columns: bool = True

    def column_of(self, title: str) -> str | None:
        title = title.strip().lower()
        for spelling, column in self.aliases.items():
            if title == spelling.lower():
                return column
        return title if title in self.columns else None


def _plain(required: str, optional: str) -> FileFormat:
    return FileFormat(frozenset((required + " " + optional).split()), frozenset(required.split()), {})


def _report(**columns: str) -> FileFormat:
    aliases = _VANID | {header: column for column, header in columns.items()}
    required = {"vanid", "date_canvassed", "contact_type"} | set(columns) & {
        "survey_response",
        "survey_question_name",
        "result",
    }
    return FileFormat(frozenset(), frozenset(required), aliases, "\t", "utf-16")


def _texting(required: str) -> FileFormat:
    # every other column of a ThruText export is the customer's own: collected under its header, never refused
    columns = frozenset(required.split())
    return FileFormat(columns, columns, _EXTERNAL_ID, refuses_unknown_columns=False)


FILE_FORMATS: dict[str, FileFormat] = {
    "generic_contacts": _plain(
        "record_id contacted_at channel",
        "contact_key person_id source_person_id first_name middle_name last_name suffix birth_date address "
        "city state zip phone email result question answer",
    ),
    "generic_voters": _plain(
        "state_voter_id state",
        "first_name middle_name last_name suffix birth_date sex party registration_status address city zip "
        "county_fips precinct congressional_district state_senate_district state_house_district phone email",
    ),
    "generic_person_ids": _plain("state state_voter_id namespace external_id", "scope"),
    "generic_ballots": _plain("state state_voter_id election_on", "ballot_status status_on"),
    "van_survey_response_report": _report(
        contact_name="Contact Name",
        date_canvassed="Date Canvassed",
        survey_response="Survey Response",
        survey_question_name="Survey Question Name",
        survey_question_type="Survey Question Type",
        canvassed_by="Canvassed By",
        contact_type="Contact Type",
    ),
    "van_contact_history_report": _report(
        contact_name="Contact Name",
        date_canvassed="Date Canvassed",
        result="Result",
        contact_type="Contact Type",
        canvassed_by="Canvassed By",
        created_by="Created By",
        date_created="Date Created",
        input_type_name="Input Type Name",
        minivan_campaign="MiniVAN Campaign",
    ),
    "van_contactscontacts": _plain(
        "statecode contactscontactid vanid resultid datecanvassed contacttypeid",
        "committeeid personcommitteeid datecreated inputtypeid username canvassedby campaignid contentid "
        "createdby contactsphoneid teamid divisionid datemodified",
    ),
    "van_contactssurveyresponses": _plain(
        "statecode contactssurveyresponseid vanid surveyquestionid surveyresponseid datecanvassed contacttypeid",
        "contactscontactid datecreated inputtypeid committeeid username canvassedby campaignid contentid "
        "datemodified teamid divisionid",
    ),
    "thrutext_messages": _texting("timestamp message_id message_direction conversation_id"),
    "thrutext_surveys": _texting("conversation_id survey_id survey_question response updated_at"),
    "thrutext_opt_outs": _texting("timestamp conversation_id"),
    "spoke_contacts": FileFormat(
        frozenset(),
        frozenset({"campaign_id", "contact_cell", "contact_message_status"}),
        {
            "campaignId": "campaign_id",
            "contact[cell]": "contact_cell",
            "contact[state]": "contact_state",
            "contact[optOut]": "contact_opt_out",
            "contact[messageStatus]": "contact_message_status",
            "contact[external_id]": "contact_external_id",
        },
        refuses_unknown_columns=False,
    ),
}
