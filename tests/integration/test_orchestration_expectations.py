"""Every suite on real Postgres, whose regular expressions are its own: good batches pass, broken ones fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import psycopg
import pytest
from psycopg import sql

from exchange.settings import Settings
from exchange.warehouse.connection import connect, connection_info
from expectations.findings import Finding, failed
from expectations.run import SMALLEST_JUDGED_BATCH, validate
from tests.servers import fresh_settings, running_warehouse

pytestmark = pytest.mark.integration

# One good row per format; {n} is the row's number. Everything that a suite does not judge is left out.
GOOD: dict[str, dict[str, str]] = {
    "generic_contacts": {
        "record_id": "r{n}",
        "contacted_at": "2026-10-15T18:03:22-05:00",
        "channel": "Door",
        "result": "canvassed",
        "person_id": "00{n}",
        "source_person_id": "",
        "last_name": "",
        "email": "",
        "state": "pa",
        "phone": "(215) 555-0100",
    },
    "generic_voters": {
        "state_voter_id": "00{n}",
        "state": "PA",
        "last_name": "Nguyen",
        "birth_date": "1980-02-29",
        "county_fips": "01001",
        "congressional_district": "07",
        "zip": "00501",
    },
    "generic_person_ids": {
        "state_voter_id": "00{n}",
        "state": "PA",
        "namespace": "vanid_campaign",
        "scope": "12",
        "external_id": "{n}",
    },
    "generic_ballots": {
        "state_voter_id": "00{n}",
        "state": "PA",
        "election_on": "2026-11-03",
        "ballot_status": "sent",
        "status_on": "10/20/2026",
    },
    "van_survey_response_report": {
        "vanid": "10{n}",
        "date_canvassed": "10/15/2026 6:03 PM",
        "contact_type": "Walk",
        "survey_question_name": "President",
        "survey_response": "1-Strong",
    },
    "van_contact_history_report": {
        "vanid": "10{n}",
        "date_canvassed": "10/15/2026",
        "contact_type": "Phone",
        "result": "Not Home",
    },
    "van_contactscontacts": {
        "contactscontactid": "{n}",
        "statecode": "PA",
        "committeeid": "",
        "vanid": "10{n}",
        "datecanvassed": "2026-10-15 18:03:22",
        "contacttypeid": "2",
        "resultid": "14",
    },
    "van_contactssurveyresponses": {
        "contactssurveyresponseid": "{n}",
        "statecode": "PA",
        "committeeid": "7",
        "vanid": "10{n}",
        "datecanvassed": "2026-10-15",
        "contacttypeid": "2",
        "surveyquestionid": "311838",
        "surveyresponseid": "1288926",
    },
    "thrutext_messages": {
        "message_id": "m{n}",
        "conversation_id": "c{n}",
        "timestamp": "2026-10-15 18:03:22 -0400",
        "message_direction": "outgoing",
        "external_id": "",
        "contact_phone": "+12155550100",
    },
    "thrutext_surveys": {
        "conversation_id": "c{n}",
        "survey_id": "1",
        "survey_question": "Whom do you support?",
        "response": "Strong",
        "updated_at": "2026-10-15T18:03:22Z",
        "external_id": "5",
        "contact_phone": "",
    },
    "thrutext_opt_outs": {
        "conversation_id": "c{n}",
        "timestamp": "2026-10-15 18:03:22",
        "contact_phone": "+12155550100",
    },
    "spoke_contacts": {
        "campaign_id": "9",
        "contact_cell": "+1215555{n:04}",
        "contact_message_status": "closed",
        "contact_opt_out": "false",
        "contact_state": "",
    },
    "nc_voters": {
        "county_id": "56",
        "ncid": "AA{n}",
        "status_cd": "A",
        "last_name": "Muñoz",
        "zip_code": "287341234",
        "cong_dist_abbrv": "11",
        "confidential_ind": "N",
        "birth_year": "1980",
    },
    "nc_voter_history": {"ncid": "AA{n}", "election_lbl": "11/03/2026", "voting_method": "ABSENTEE"},
    "nc_absentee": {
        "ncid": "AA{n}",
        "election_dt": "11/03/2026",
        "ballot_req_type": "EARLY VOTING",
        "ballot_rtn_dt": "10/20/2026",
        "ballot_rtn_status": "ACCEPTED",
    },
    "fl_voters": {
        "county_code": "DAD",
        "voter_id": "10{n}",
        "name_last": "Núñez",
        "public_records_exemption": "N",
        "residence_zipcode": "*",
        "birth_date": "*",
        "voter_status": "PRE",
        "congressional_district": "27",
    },
    "oh_voters": {
        "sos_voterid": "OH00{n}",
        "county_number": "01",
        "last_name": "Rios",
        "date_of_birth": "1956-10-11",
        "voter_status": "CONFIRMATION",
        "residential_zip": "44485",
        "congressional_district": "14",
    },
    "pa_voters": {
        "voter_id": "{n}-01",
        "last_name": "Keller",
        "birth_date": "03/04/1960",
        "voter_status": "A",
        "zip": "17325",
        "county": "ADAMS",
    },
    "pa_zone_types": {"county": "ADAMS", "zone_number": "8", "zone_short_name": "CON", "zone_long_name": "Congress"},
    "pa_zone_codes": {"county": "ADAMS", "zone_number": "8", "zone_code": "CON{n}"},
    "ny_voters": {
        "lastname": "Ward",
        "rzip5": "06390",
        "dob": "19800229",
        "countycode": "45",
        "cd": "20",
        "status": "17",
        "sboeid": "NY{n}",
    },
}
ROWS = SMALLEST_JUDGED_BATCH + 5


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A server of its own with the raw tables of the formats, as wide as the suites need."""
    with running_warehouse(fresh_settings(tmp_path_factory.mktemp("exchange"))) as settings:
        with connect(settings, "admin", autocommit=True) as connection:
            connection.execute("create table raw.file (file_id bigint primary key, loaded bigint)")
            for file_format, row in GOOD.items():
                columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in row)
                connection.execute(
                    sql.SQL("create table raw.{} ({}, _file_id bigint, _row_number bigint)").format(
                        sql.Identifier(file_format), columns
                    )
                )
        yield settings


def deliver(settings: Settings, file_format: str, row: Mapping[str, str], rows: int = ROWS) -> list[int]:
    """Put a file of equal rows into the raw table; returns its id in a list."""
    with connect(settings, "admin", autocommit=True) as connection:
        file_id = connection.execute(
            "insert into raw.file select coalesce(max(file_id), 0) + 1, %s from raw.file returning file_id", [rows]
        ).fetchone()[0]  # type: ignore[index]
        insert(connection, file_format, row, file_id, rows)
    return [file_id]


def insert(connection: psycopg.Connection, file_format: str, row: Mapping[str, str], file_id: int, rows: int) -> None:
    names = sql.SQL(", ").join(sql.Identifier(name) for name in [*row, "_file_id", "_row_number"])
    places = sql.SQL(", ").join(sql.Placeholder() * (len(row) + 2))
    statement = sql.SQL("insert into raw.{} ({}) values ({})").format(sql.Identifier(file_format), names, places)
    with connection.cursor() as cursor:
        cursor.executemany(
            statement, [[*(value.format(n=n) for value in row.values()), file_id, n + 1] for n in range(1, rows + 1)]
        )


def judge(settings: Settings, file_format: str, file_ids: list[int]) -> list[Finding]:
    return validate(connection_info(settings, "admin").sqlalchemy_url(), file_format, file_ids)


@pytest.mark.parametrize("file_format", sorted(GOOD))
def test_a_good_batch_passes_and_a_broken_one_fails(settings: Settings, file_format: str) -> None:
    """Broken: the columns have slipped by one, as after an unquoted comma in every line."""
    good = judge(settings, file_format, deliver(settings, file_format, GOOD[file_format]))
    assert [finding.expectation for finding in good if not finding.passed] == []

    names = list(GOOD[file_format])
    slipped = dict(zip(names, ["", *GOOD[file_format].values()][: len(names)], strict=True))
    broken = judge(settings, file_format, deliver(settings, file_format, slipped))
    assert failed(broken, "critical")


def test_only_the_given_files_are_judged(settings: Settings) -> None:
    """A broken file of last week must not fail this week's good one."""
    deliver(settings, "generic_ballots", GOOD["generic_ballots"] | {"election_on": "soon"})
    files = deliver(settings, "generic_ballots", GOOD["generic_ballots"])
    assert all(finding.passed for finding in judge(settings, "generic_ballots", files))


def test_a_failure_shows_examples_and_shares(settings: Settings) -> None:
    row = GOOD["generic_contacts"] | {"channel": "carrier pigeon"}
    findings = judge(settings, "generic_contacts", deliver(settings, "generic_contacts", row))
    (channel,) = failed(findings, "critical")
    assert channel.examples == ("carrier pigeon",)
    assert (channel.observed, channel.threshold) == (0.0, 0.5)


def test_a_handful_of_rows_only_warns(settings: Settings) -> None:
    """Staging quarantines the rows; a share of three rows must not fail the refresh."""
    row = GOOD["generic_contacts"] | {"channel": "carrier pigeon"}
    findings = judge(settings, "generic_contacts", deliver(settings, "generic_contacts", row, rows=3))
    assert failed(findings, "critical") == []
    assert failed(findings, "warning")


def test_a_batch_without_rows_is_not_judged(settings: Settings) -> None:
    assert judge(settings, "generic_contacts", deliver(settings, "generic_contacts", {"record_id": ""}, rows=0)) == []
