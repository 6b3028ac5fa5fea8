"""Every delivered file has its vendor's exact header, encoding and packing, as the source descriptions accept it."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from exchange.demo import DemoOptions, write_demo
from exchange.demo.registry_files import make_registry
from exchange.settings import PROJECT_ROOT

VAN_SURVEY = (
    "Voter File VANID\tContact Name\tDate Canvassed\tSurvey Response\tSurvey Question Name\tSurvey Question Type\t"
    "Canvassed By\tContact Type"
)
VAN_HISTORY = (
    "Voter File VANID\tContact Name\tDate Canvassed\tResult\tContact Type\tCanvassed By\tCreated By\tDate Created\t"
    "Input Type Name\tMiniVAN Campaign"
)
THRUTEXT_CONTACT = "contact_id,contact_first_name,contact_last_name,contact_phone"
HEADERS = {
    "lopez_van_survey": VAN_SURVEY,
    "lopez_van_history": VAN_HISTORY,
    "okafor_van_survey": VAN_SURVEY.replace("Voter File VANID", "MyCampaignID"),
    "okafor_van_history": VAN_HISTORY.replace("Voter File VANID", "MyCampaignID"),
    "pa_party_van_contacts": (
        "statecode,contactscontactid,vanid,resultid,committeeid,personcommitteeid,datecreated,datecanvassed,"
        "inputtypeid,contacttypeid,username,canvassedby,campaignid,contentid,createdby,contactsphoneid,teamid,"
        "divisionid,datemodified"
    ),
    "pa_party_van_responses": (
        "statecode,contactssurveyresponseid,vanid,contactscontactid,surveyquestionid,surveyresponseid,datecreated,"
        "datecanvassed,inputtypeid,contacttypeid,committeeid,username,canvassedby,campaignid,contentid,datemodified,"
        "teamid,divisionid"
    ),
    "lopez_thrutext_messages": (
        "timestamp,message_id,message_direction,message_body,sender_id,sender_first_name,sender_last_name,"
        f"sender_phone,campaign_id,campaign_name,conversation_id,conversation_phone,{THRUTEXT_CONTACT},"
        "media_content,message_segment_count,message_error,van_id,polling_location"
    ),
    "voter_voice_thrutext_surveys": (
        "campaign_id,campaign_name,conversation_id,survey_id,survey_question,survey_type,response,"
        f"{THRUTEXT_CONTACT},updated_at,sync_status,dwid,polling_location"
    ),
    "voter_voice_thrutext_opt_outs": f"timestamp,{THRUTEXT_CONTACT},conversation_id,note,opt_out_type,dwid",
    "carolina_doors_contacts": (
        "record_id,contact_key,person_id,source_person_id,first_name,middle_name,last_name,suffix,birth_date,address,"
        "city,state,zip,phone,email,contacted_at,channel,result,question,answer"
    ),
    "exchange_voters_nc": (
        "state_voter_id,state,first_name,middle_name,last_name,suffix,birth_date,sex,party,registration_status,"
        "address,city,zip,county_fips,precinct,congressional_district,state_senate_district,state_house_district,"
        "phone,email"
    ),
    "exchange_ids_dwid": "state,state_voter_id,namespace,scope,external_id",
    "exchange_ballots_pa": "state,state_voter_id,election_on,ballot_status,status_on",
}


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo")
    write_demo(DemoOptions(voters=1_600, contacts=6_000), out)
    return out / "inbox"


def files_of(inbox: Path, feed_id: str) -> list[Path]:
    feed = next(feed for feed in make_registry(12).feeds if feed.feed_id == feed_id)
    return sorted((inbox / feed.location).glob(feed.file_pattern))


def raw_text(path: Path) -> bytes:
    if path.suffix != ".zip":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0])


def header_of(path: Path) -> str:
    data = raw_text(path)
    text = data.decode("utf-16" if data.startswith(b"\xff\xfe") else "utf-8-sig", errors="replace")
    return text.split("\n", 1)[0].rstrip("\r")


@pytest.mark.parametrize("feed_id", sorted(HEADERS))
def test_header_is_the_vendors(inbox: Path, feed_id: str) -> None:
    paths = files_of(inbox, feed_id)
    assert paths
    for path in paths:
        assert header_of(path) == HEADERS[feed_id]


def test_van_reports_are_utf16_text_named_xls_in_a_zip(inbox: Path) -> None:
    (first, *_) = files_of(inbox, "lopez_van_survey")
    assert first.name == "PersonFile20260608-11056504994.zip"
    with zipfile.ZipFile(first) as archive:
        (entry,) = archive.infolist()
        assert entry.filename == "PersonFile20260608-11056504994.xls"
        assert entry.date_time[0] == 2026  # no clock: a zip made on another day has the same bytes
        data = archive.read(entry)
    assert data.startswith(b"\xff\xfe")
    lines = data.decode("utf-16").split("\r\n")
    assert lines[-1] == ""
    month, day, year = lines[1].split("\t")[2].split("/")
    assert (month.lstrip("0"), day.lstrip("0"), year) == (month, day, "2026")


def test_spoke_columns_are_dynamic(inbox: Path) -> None:
    """Would have caught: one header for all campaigns of an account."""
    fixed = (
        "campaignId,campaign,contact[firstName],contact[lastName],contact[cell],contact[zip],contact[city],"
        "contact[state],contact[optOut],contact[messageStatus],contact[external_id],"
    )
    headers = [header_of(path) for path in files_of(inbox, "pa_party_spoke")]
    assert all(header.startswith(fixed) and header.endswith(",tags") for header in headers)
    assert len(set(headers)) == 2
    cells = next(csv.reader(io.StringIO(headers[0])))
    assert {"question[Can Maria Lopez count on your vote?_1]", "question[Can Maria Lopez count on your vote?_2]"} <= {
        *cells
    }


def test_repeated_exports_differ_in_bytes(inbox: Path) -> None:
    """A file known by its content is not taken again: an identical second export would supersede nothing."""
    for feed in make_registry(12).feeds:
        contents = [path.read_bytes() for path in files_of(inbox, feed.feed_id) if not path.stem.endswith("_copy")]
        assert len(contents) == len(set(contents)), feed.feed_id


def test_one_file_is_delivered_twice_under_two_names(inbox: Path) -> None:
    first, copy, *_ = files_of(inbox, "carolina_doors_contacts")
    assert copy.stem == f"{first.stem}_copy"
    assert copy.read_bytes() == first.read_bytes()


def test_spreadsheet_feed_lost_its_leading_zeros(inbox: Path) -> None:
    (path,) = files_of(inbox, "carolina_doors_sheets")
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig", errors="replace").replace("\0", ""), newline="")))
    numbers = [row["person_id"] for row in rows if (row["person_id"] or "").isdigit()]
    assert numbers and not any(number.startswith("0") for number in numbers)


def test_headers_are_all_described(inbox: Path) -> None:
    """Would have caught: a header that intake refuses. Formats that collect unknown columns may have more."""
    tables: dict[str, dict[str, Any]] = {}
    for path in sorted((PROJECT_ROOT / "models" / "staging").glob("*/_*__sources.yml")):
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
            tables |= {table["name"]: table for table in source["tables"]}
    for feed in make_registry(12).feeds:
        table = tables[feed.file_format]
        form = table["config"]["meta"]["file"]
        spellings = [{name.lower() for name in column["config"]["meta"]["headers"]} for column in table["columns"]]
        for path in files_of(inbox, feed.feed_id):
            cells = next(csv.reader(io.StringIO(header_of(path)), delimiter=form["delimiter"]))
            unknown = [cell for cell in cells if not any(cell.lower() in names for names in spellings)]
            assert not unknown or form["unknown_columns"] == "collect", (path, unknown)
            required = [
                names
                for names, column in zip(spellings, table["columns"], strict=True)
                if column["config"]["meta"].get("required")
            ]
            assert all(names & {cell.lower() for cell in cells} for names in required), path


def test_no_contact_is_made_in_the_hours_that_clocks_repeat() -> None:
    """Bare local times between 01:00 and 02:59 would be ambiguous or absent when clocks change."""
    from exchange.demo.chance import Chance
    from exchange.demo.conversations import Conversations
    from exchange.demo.identities import Identities
    from exchange.demo.people import People
    from exchange.demo.voters import Electorate

    people = People(Electorate(Chance(3), 800))
    stream = make_registry(12).streams[0]
    talks = Conversations(people, Identities(people.electorate), stream, 4_000)
    eastern = ZoneInfo("America/New_York")
    hours = {datetime.fromtimestamp(talk.moment, eastern).hour for talk in talks.talks(0, talks.count)}
    assert not hours & {1, 2}
    assert {0, 23} <= hours
