"""Voter files on a real server: each state's fixture through intake and staging, values checked literally; the gate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from exchange.intake import FeedIntake, raw_tables, take_feed
from exchange.intake.clock import begin_refresh
from exchange.intake.feeds import take_files
from exchange.intake.inbox import waiting_files
from exchange.registry import Feed, load_registry
from exchange.settings import PROJECT_ROOT, Settings
from exchange.warehouse.connection import connect, connection_info
from exchange.warehouse.run_lock import only_run
from tests.registry_files import GOOD, write_registry
from tests.servers import fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

FIXTURES = PROJECT_ROOT / "tests" / "fixtures" / "voter_files"
FORMATS = {
    "NC": ["nc_voters", "nc_voter_history", "nc_absentee"],
    "FL": ["fl_voters"],
    "OH": ["oh_voters"],
    "PA": ["pa_voters", "pa_zone_types", "pa_zone_codes"],
    "NY": ["ny_voters"],
}
FEEDS = "".join(
    f"{name},exchange,{name},{name},*,snapshot,,state_voter_id,{state},{state},,,\n"
    for state, names in FORMATS.items()
    for name in names
)
# feeds of the tests of the gate and of slices: each has an inbox of its own
GATE_FEEDS = "".join(
    f"{name},exchange,{file_format},{name},*,{coverage},,state_voter_id,{state},{state},,,\n"
    for name, file_format, coverage, state in [
        ("gate", "generic_voters", "snapshot", "MI"),
        ("gate_delta", "generic_voters", "delta", "MI"),
        ("gate_nc", "nc_voters", "snapshot", "NC"),
        ("gate_fl", "fl_voters", "snapshot", "FL"),
        ("slices", "fl_voters", "snapshot", "FL"),
        ("moves", "nc_voters", "snapshot", "NC"),
    ]
)
MODELS = "+int_voters__delivered +int_ballots__delivered +int_pa_zones__delivered stg_nc__voter_history"


@dataclass(frozen=True)
class Room:
    """A running warehouse with a registry of voter feeds."""

    settings: Settings
    conn: psycopg.Connection[Any]

    def feed(self, feed_id: str) -> Feed:
        return load_registry(self.settings.registry).feed(feed_id)

    def deliver(self, feed_id: str, name: str, content: bytes) -> None:
        path = self.settings.inbox / feed_id / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def take(self, feed_id: str, *, accept_shrink: bool = False) -> FeedIntake:
        refresh_id = begin_refresh(self.conn, self.settings, "digest")
        if not accept_shrink:
            return take_feed(self.settings, self.feed(feed_id), refresh_id)
        files = waiting_files(self.settings, self.feed(feed_id))
        return take_files(self.conn, self.settings, self.feed(feed_id), refresh_id, files, accept_shrink=True)

    def refusal(self, feed_id: str, content: bytes, name: str = "bad.csv") -> str:
        """Deliver a file that must be refused; what is said of it. Nothing of it may stay."""
        before = self.rows(f"select count(*) from raw.{self.feed(feed_id).file_format}")
        self.deliver(feed_id, name, content)
        (refused,) = self.take(feed_id).refused
        assert self.rows(f"select count(*) from raw.{self.feed(feed_id).file_format}") == before
        assert not self.rows("select from raw.file where feed_id = %s and file_name = %s", feed_id, name)
        (self.settings.inbox / feed_id / name).unlink()
        assert refused.error.place.feed == feed_id
        assert refused.error.place.partner == "exchange"
        return str(refused.error)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.conn.execute(query.encode(), values or None).fetchall()

    def voters(self, feed_id: str, columns: str) -> list[tuple[Any, ...]]:
        model = "intermediate.int_voters__delivered"
        return self.rows(f"select {columns} from {model} where feed_id = %s order by _file_id, _row_number", feed_id)

    def dbt(self, *words: str) -> None:
        target = self.settings.home / "dbt"
        environment = {
            **os.environ,
            **connection_info(self.settings, "dbt").as_env(),
            "DBT_PROFILES_DIR": str(PROJECT_ROOT / "dbt_project"),
            "DBT_TARGET_PATH": str(target),
            "DBT_LOG_PATH": str(target),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "EXCHANGE_REGISTRY": str(self.settings.registry),
        }
        command = [str(Path(sys.executable).parent / "dbt"), "--quiet", *words]
        done = subprocess.run(command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {name: text for name, text in os.environ.items() if not name.startswith("EXCHANGE_")}
        environment |= {"EXCHANGE_HOME": str(self.settings.home), "EXCHANGE_REGISTRY": str(self.settings.registry)}
        command = [sys.executable, "-m", "exchange.cli", "voters", "load", *words]
        return subprocess.run(
            command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
        )


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder = tmp_path_factory.mktemp("voters")
    registry = write_registry(folder / "registry", feeds=GOOD["feeds.csv"] + FEEDS + GATE_FEEDS)
    settings = fresh_settings(folder, registry=registry)
    with running_warehouse(settings), connect(settings, "admin", autocommit=True) as conn:
        with connect(settings, "loader", autocommit=True) as loader:
            raw_tables.create(loader)
        yield Room(settings, conn)


@pytest.fixture(scope="module")
def built(room: Room) -> Room:
    """Every fixture file loaded by `exchange voters load`, and staged."""
    for state, names in {
        "NC": ["ncvoter_Statewide.txt", "ncvhis56.txt", "absentee_20261103.csv"],
        "FL": ["DAD_20261103.txt", "MON_20261103.txt"],
        "OH": ["SWVF_67_88.txt"],
        "PA": [
            f"{county} {kind} 20261026.txt"
            for county in ("ADAMS", "ERIE")
            for kind in ("FVE", "Zone Types", "Zone Codes")
        ],
        "NY": ["AllNYSVoters_20261101.txt"],
    }.items():
        feeds = [name for name in FORMATS[state] if state in ("NC", "FL")]
        # two more feeds of these states take the same format: the operator says which
        for name in names:
            named = ["--feed", _feed_of(name)] if feeds else []
            done = room.cli(state, str(FIXTURES / name), "--json", *named)
            assert done.returncode == 0, done.stdout + done.stderr
            (file,) = json.loads(done.stdout)["files"]
            assert (file["status"], file["rejected"]) == ("loaded", 0)
    room.dbt("build", "--select", *MODELS.split(), "--indirect-selection", "cautious")
    return room


def _feed_of(name: str) -> str:
    starts = {"ncvoter": "nc_voters", "ncvhis": "nc_voter_history", "absentee": "nc_absentee"}
    return next((feed for start, feed in starts.items() if name.startswith(start)), "fl_voters")


US = "ocd-division/country:us/state:"


def test_north_carolina(built: Room) -> None:
    names = "state_voter_id, first_name, middle_name, last_name, suffix, birth_on::text, birth_year, sex, party"
    told = built.voters("nc_voters", names)
    assert told[0] == ("DA12345", "ANA", "LUCIA", "MUÑOZ", None, None, 1980, "F", "DEM")
    assert told[1][:5] == ("DA00077", "BO", None, "SMITH", "JR")
    places = built.voters("nc_voters", "address, city, zip, county_fips, precinct, phone, email, slice, municipality")
    # Macon is the 56th county of the state and the 57th of the federal list
    assert places[0] == ("12 OAK ST", "FRANKLIN", "28734-1234", "37113", "FNK", "8285550101", None, "56", "FRANKLIN")
    assert [place[3] for place in places] == ["37113", "37113", "37013", "37013", "37113", "37013", "37013", "37199"]
    districts = built.voters("nc_voters", "congressional_district, state_senate_district, state_house_district")
    assert districts[2] == (f"{US}nc/cd:3", f"{US}nc/sldu:3", f"{US}nc/sldl:79")
    flags = "state_voter_id, registration_status, is_registered, is_protected, delivery_status, problem"
    assert built.voters("nc_voters", flags) == [
        ("DA12345", "active", True, False, "live", None),
        ("DA00077", "active", True, True, "live", None),
        ("AL55", "inactive", True, False, "live", None),
        # removed in one county, registered in another: the registered line stands, whatever the order
        ("AL56", "removed", False, False, "superseded", None),
        ("AL56", "active", True, False, "live", None),
        ("AL57", "denied", False, False, "live", None),
        ("AL58", None, True, False, "live", "status is 'X', expected a code of voter_file_codes.csv"),
        ("ZZ1", "active", True, False, "live", None),
    ]


def test_ballots_of_north_carolina(built: Room) -> None:
    found = built.rows(
        "select state_voter_id, election_on::text, ballot_status, status_on::text, delivery_status, problem"
        " from intermediate.int_ballots__delivered order by _row_number"
    )
    assert found == [
        ("DA12345", "2026-11-03", "accepted", "2026-10-01", "live", None),
        # spoiled and sent again: the ballot that counts stands, although its line came first
        ("DA12345", "2026-11-03", "rejected", "2026-09-20", "superseded", None),
        ("AL55", "2026-11-03", "voted_in_person", "2026-10-16", "live", None),
        ("AL56", "2026-11-03", "sent", "2026-09-05", "live", None),
        ("ZZ1", "2026-11-03", "requested", "2026-09-02", "live", None),
        ("DA00077", "2026-11-03", "returned", "2026-10-02", "live", None),
        (
            *("AL58", "2026-11-03", None, "2026-09-02", "live"),
            "ballot_rtn_status is 'EATEN BY DOG', expected a code of voter_file_codes.csv",
        ),
        (
            *("AL57", "2026-11-03", None, "2026-09-02", "live"),
            "ballot_req_type is 'CARRIER PIGEON', expected a code of voter_file_codes.csv",
        ),
    ]


def test_history_of_north_carolina(built: Room) -> None:
    assert built.rows(
        "select source_record_key, state, state_voter_id, election_on::text, election_label, voting_method,"
        " voted_party, problem from staging.stg_nc__voter_history order by _row_number"
    ) == [
        ("NC|DA12345|2020-11-03|GENERAL", "NC", "DA12345", "2020-11-03", "GENERAL", "ABSENTEE ONESTOP", "DEM", None),
        (
            *("file 2 line 3", "NC", "DA12345", None, "GENERAL", "IN-PERSON", None),
            "election_lbl is '13/45/2020', expected a date",
        ),
    ]


def test_florida(built: Room) -> None:
    columns = (
        "state_voter_id, first_name, last_name, suffix, birth_on::text, registration_status, address, city, zip,"
        " county_fips, phone, email, congressional_district, is_protected, slice, problem"
    )
    ada, secret, bo, monroe = built.voters("fl_voters", columns)
    assert ada == (
        *("100000001", "Ada", "Núñez", None, "1980-02-29", "active", "700 NW 1st Ave Apt 5", "Miami", "33136-1234"),
        *("12086", "3055550102", "ada@example.org", f"{US}fl/cd:27", False, "DAD", None),
    )
    # asterisks are no values; the record is complete and protected
    assert secret == ("100000002", *[None] * 4, "active", *[None] * 3, "12086", None, None, None, True, "DAD", None)
    assert bo[:6] == ("000000003", "Bo", "Ward", "Jr.", "2009-12-31", "pending")
    assert monroe[4:6] + monroe[-2:] == (None, "inactive", "MON", "birth date is '13/13/1980', expected a date")
    # two files of a snapshot feed, one county each: neither retracts the other
    assert {status for (status,) in built.voters("fl_voters", "delivery_status")} == {"live"}


def test_ohio(built: Room) -> None:
    columns = (
        "state_voter_id, birth_on::text, sex, party, registration_status, address, zip, county_fips, precinct,"
        " state_house_district, municipality, slice, problem"
    )
    assert built.voters("oh_voters", columns) == [
        (
            *("OH0012345678", "1956-10-11", None, "D", "active", "2415 PARK DR NW APT 3", "44485-0012", "39155"),
            *("78-P-AEK", f"{US}oh/sldl:64", "WARREN", "78", None),
        ),
        (
            *("OH0000000009", "1990-01-02", None, None, "inactive", "5 HILL RD", "45693", "39001"),
            *("01-P-AAA", f"{US}oh/sldl:90", "WEST UNION", "1", None),
        ),
        (
            *("OH0000000010", "1990-01-01", None, None, "active", "5 HILL RD", "45693", None, None, None, None, "89"),
            "county is '89', expected a code of voter_file_counties.csv",
        ),
    ]
    assert built.rows("select _extra from raw.oh_voters order by _row_number limit 1") == [
        ({"GENERAL-11/07/2000": "X", "GENERAL-11/05/2024": "X"},)
    ]


def test_pennsylvania(built: Room) -> None:
    """Adams has the congressional district in slot 8, Erie in slot 3, with a school district in 8."""
    columns = (
        "state_voter_id, suffix, address, zip, county_fips, congressional_district, state_senate_district,"
        " state_house_district, phone, municipality, registration_status, problem"
    )
    ann, bob, eve, fay, gus = built.voters("pa_voters", columns)
    adams = f"{US}pa/cd:13", f"{US}pa/sldu:33", f"{US}pa/sldl:91"
    assert ann == (
        *("012345678-01", None, "12 1/2 OAK ST APT 3", "17325", "42001", *adams),
        *("7175550103", "GETTYSBURG", "active", None),
    )
    assert (bob[1], bob[3], bob[9], bob[10]) == ("SR", "17340-1234", "UNION TOWNSHIP", "inactive")
    # STS-WEST has no number: its description has
    assert eve[4:8] == ("42049", f"{US}pa/cd:16", f"{US}pa/sldu:49", f"{US}pa/sldl:2")
    assert eve[2] == "1 LAKE ST UNIT B"
    assert fay[-1] == "state senate district is 'STS-NORTH', expected a number"
    assert gus[4:8] == ("42083", None, None, None)
    assert gus[-1] == "the zone types of county MCKEAN are not loaded"


def test_new_york(built: Room) -> None:
    columns = (
        "state_voter_id, last_name, birth_on::text, party, registration_status, is_registered, address, zip,"
        " county_fips, state_house_district, municipality, problem"
    )
    assert built.voters("ny_voters", columns) == [
        (
            *("NY000000000012345678", "WARD", "1980-02-29", "DEM", "active", True, "12-34 1/2 E MAIN ST APT 4B"),
            *("12866-0012", "36091", f"{US}ny/sldl:113", "SARATOGA SPRINGS", None),
        ),
        (
            *("NY000000000000000009", "ISLE", "1999-12-31", "LBT", "inactive", True, "1 BELL HILL AVE"),
            *("06390", "36103", f"{US}ny/sldl:1", "SOUTHOLD", None),
        ),
        (
            *("NY000000000000000010", "GONE", "1930-01-01", "BLK", "removed", False, None),
            *(None, "36089", f"{US}ny/sldl:116", None, None),
        ),
        (
            *("NY000000000000000011", "TEEN", "2009-11-01", "WOR", "pending", True, None),
            *(None, "36061", f"{US}ny/sldl:67", None, None),
        ),
    ]


# ---------------------------------------------------------------------------- the gate

HEADER = "state_voter_id,state,first_name,last_name,birth_date,address,city,zip,county_fips,phone,email\n"


def generic(
    count: int, start: int = 1, line: str = "0{n:04},MI,Ann,Lee,1980-02-0{d},{n} Oak St,Flint,48501,26049,,\n"
) -> str:
    return HEADER + "".join(line.format(n=n, d=n % 9 + 1) for n in range(start, start + count))


def test_the_gate_keeps_the_old_spine(room: Room) -> None:
    room.deliver("gate", "1.csv", generic(40).encode())
    assert room.take("gate").loaded[0].loaded == 40

    shifted = generic(40, line="0{n:04},MI,Ann,Lee,,1980-02-0{d},{n} Oak St,Flint,48501,26049,\n")
    told = room.refusal("gate", shifted.encode())
    assert "line 2" in told
    assert "100% of the filled values of the column" in told
    assert "columns have shifted" in told
    assert "what was loaded before stays" in told

    repeated = generic(40) + "00007,MI,Bo,Lee,1981-01-01,,,,,,\n00009,mi,Cy,Lee,1981-01-01,,,,,,\n"
    told = room.refusal("gate", repeated.encode())
    assert "2 state + state_voter_id are in the file more than once: MI 00007 on lines 8 and 42" in told
    assert "MI 00009 on lines 10 and 43" in told

    told = room.refusal("gate", generic(20).encode())
    assert "the file has 20 good records where the newest file of the feed has 40" in told
    assert "exchange voters load STATE --accept-shrink FILE" in told

    refused = room.rows("select line, problem from raw.refused_file where feed_id = 'gate' order by refresh_id")
    assert [line for line, _ in refused] == [2, 42, None]
    room.deliver("gate", "2.csv", generic(21).encode())
    assert [file.loaded for file in room.take("gate").loaded] == [21]


def test_a_real_shrink_can_be_accepted_and_is_the_new_measure(room: Room) -> None:
    room.deliver("gate", "3.csv", generic(10, start=500).encode())
    assert room.take("gate").refused
    assert [file.loaded for file in room.take("gate", accept_shrink=True).loaded] == [10]
    room.deliver("gate", "4.csv", generic(9, start=500).encode())
    assert [file.loaded for file in room.take("gate").loaded] == [9]


def test_the_gate_raises_no_false_alarm(room: Room) -> None:
    odd = HEADER + "".join(
        f"{n:05},MI,Ann,Lee,{date},{n} Oak St,Flint,{zip_code},,{phone},{email}\n"
        for n, (date, zip_code, phone, email) in enumerate(
            [
                ("long ago", "2761", "n/a", "none"),
                ("1980", "27601-1234", "(919) 555-0100 ext. 5", ""),
                ("2/9/1980", "276011234", "+1.919.555.0100", "a@b.c"),
            ]
            * 10
        )
    )
    room.deliver("gate_delta", "odd.csv", odd.encode())
    # three records of which two are odd say nothing about the file; and a delta feed has no usual size
    few = HEADER + "x1,ZZ,Ann,Lee,soon,,,,,,\nx2,Michigan,Ann,Lee,1980,,,,,,\nx3,Mich.,Ann,Lee,1980,,,,,,\n"
    room.deliver("gate_delta", "small.csv", few.encode())
    intake = room.take("gate_delta")
    assert [file.loaded for file in intake.loaded] == [30, 3], [str(one.error) for one in intake.refused]


def nc_lines(rows: list[tuple[str, str, str]]) -> bytes:
    """(county_id, ncid, status_cd) as a file of the columns that the format requires, and a zip."""
    lines = ["county_id\tncid\tstatus_cd\tlast_name\tconfidential_ind\tzip_code"]
    lines += [f"{county}\t{ncid}\t{status}\tLEE\tN\t28734" for county, ncid, status in rows]
    return ("\n".join(lines) + "\n").encode()


def test_two_lines_of_one_person_that_the_format_explains_are_no_duplicate(room: Room) -> None:
    explained = [("7", "AA1", "R"), ("56", "AA1", "A"), ("8", "AA1", "D"), ("9", "AA2", "R"), ("10", "AA2", "R")]
    room.deliver("gate_nc", "good.txt", nc_lines(explained))
    assert room.take("gate_nc").loaded[0].loaded == 5
    told = room.refusal("gate_nc", nc_lines([*explained, ("7", "AA1", "I")]))
    assert "1 ncid is in the file more than once among records with status_cd A, I, S: AA1 on lines 3 and 7" in told


def fl_lines(counties: dict[str, int], first: int = 1) -> bytes:
    """A file with so many voters of each county; the ids count through."""
    lines, number = [], first
    for county, count in counties.items():
        for _ in range(count):
            cells = [""] * 38
            cells[0:3] = county, f"{number:09}", "Lee"
            cells[6], cells[28] = "N", "ACT"
            lines.append("\t".join(cells))
            number += 1
    return ("\n".join(lines) + "\n").encode()


def test_a_file_is_measured_by_the_counties_it_holds(room: Room) -> None:
    room.deliver("gate_fl", "1_state.txt", fl_lines({"ALA": 40, "BAK": 20, "BAY": 30, "DAD": 100}))
    # far less than the state, and all of the county
    room.deliver("gate_fl", "2_bay.txt", fl_lines({"BAY": 29}, first=1000))
    assert [file.loaded for file in room.take("gate_fl").loaded] == [190, 29]
    told = room.refusal("gate_fl", fl_lines({"BAY": 14}, first=2000))
    assert "the file has 14 good records where the newest file with the same counties has 29" in told
    # broken off after Bay: each county it reaches has its usual size
    told = room.refusal("gate_fl", fl_lines({"ALA": 40, "BAK": 20, "BAY": 29}, first=3000))
    assert "has 89 good records where the newest file with the same counties has 190" in told
    room.deliver("gate_fl", "3_state.txt", fl_lines({"ALA": 41, "BAK": 20, "BAY": 30, "DAD": 90}, first=4000))
    assert [file.loaded for file in room.take("gate_fl").loaded] == [181]


# ---------------------------------------------------------------------------- slices


def test_a_county_file_retracts_its_county_only(built: Room) -> None:
    built.deliver("slices", "1_state.txt", fl_lines({"ALA": 2, "BAK": 2}))
    built.deliver("slices", "2_bak.txt", fl_lines({"BAK": 2}, first=4))
    built.take("slices")
    # removed in Macon's newest file, registered in Beaufort's older one: the person moved to Beaufort
    built.deliver("moves", "1_beaufort.txt", nc_lines([("7", "AA1", "A"), ("7", "AA2", "A")]))
    built.deliver("moves", "2_macon.txt", nc_lines([("56", "AA1", "R"), ("56", "AA3", "A")]))
    built.take("moves")
    built.dbt("run", "--select", "+int_voters__delivered")
    assert built.voters("slices", "state_voter_id, slice, delivery_status") == [
        ("000000001", "ALA", "live"),
        ("000000002", "ALA", "live"),
        ("000000003", "BAK", "retracted"),
        ("000000004", "BAK", "superseded"),
        ("000000004", "BAK", "live"),
        ("000000005", "BAK", "live"),
    ]
    moved = built.voters("moves", "state_voter_id, slice, delivery_status, is_registered")
    assert moved == [
        ("AA1", "7", "live", True),
        ("AA2", "7", "live", True),
        ("AA1", "56", "superseded", False),
        ("AA3", "56", "live", True),
    ]


# ---------------------------------------------------------------------------- exchange voters load


def test_loading_tells_what_became_of_each_file(built: Room, tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes((FIXTURES / "SWVF_67_88.txt").read_bytes().replace(b"SOS_VOTERID", b"SHOE_SIZE"))
    again = str(FIXTURES / "SWVF_67_88.txt")
    done = built.cli("oh", again, str(bad), str(tmp_path / "missing.txt"), "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told["state"], told["next"]) == (1, "OH", None)
    assert [(file["status"], file["feed_id"]) for file in told["files"]] == [
        ("already_loaded", "oh_voters"),
        ("refused", None),
        ("refused", None),
    ]
    assert "unknown column 'SHOE_SIZE'" in told["files"][1]["problem"]
    assert "cannot be read: No such file" in told["files"][2]["problem"]


def test_a_registry_without_the_feed_is_told_the_line_it_lacks(room: Room, tmp_path: Path) -> None:
    registry = write_registry(tmp_path / "registry")
    settings = fresh_settings(tmp_path, registry=registry)
    lacking = Room(settings, room.conn)
    done = lacking.cli("NC", str(FIXTURES / "ncvoter_Statewide.txt"))
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert line.startswith("exchange_nc_voters,exchange,nc_voters,")
    with (registry / "feeds.csv").open("a") as feeds:
        feeds.write(line + "\n")
    assert load_registry(registry).feed("exchange_nc_voters").coverage == "snapshot"
    # no server was started for it
    assert not settings.pgdata.exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["ZZ", "x"], 1, "There is no such state"),
        (["NC"], 2, "Missing argument"),
        (["NC", "README.md", "--feed", "voters_pa"], 1, "none of the exchange's own for NC"),
        (["NC", "README.md"], 1, "fits no format of NC"),
    ],
)
def test_wrong_usage_is_told(room: Room, words: list[str], code: int, said: str) -> None:
    done = room.cli(*words)
    assert (done.returncode, said in " ".join((done.stdout + done.stderr).split())) == (code, True), done.stderr


def test_nothing_is_loaded_beside_a_running_refresh(room: Room) -> None:
    with only_run(room.settings):
        done = room.cli("OH", str(FIXTURES / "SWVF_67_88.txt"))
    assert done.returncode == 1
    assert "Another refresh of this exchange is running" in done.stderr
