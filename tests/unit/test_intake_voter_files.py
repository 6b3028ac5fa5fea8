"""Voter files without a database: files without header lines, code pages, what a file is of, and the shipped codes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from exchange.errors import ExchangeError
from exchange.intake.blocks import LongLine, blocks
from exchange.intake.decoding import open_text
from exchange.intake.described import Encoding
from exchange.intake.formats import SOURCES, load_formats
from exchange.intake.header import Header, read_header
from exchange.intake.recognition import fitting_formats
from exchange.intake.row_writers import CollectingWriter
from exchange.settings import PROJECT_ROOT

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "voter_files"
FORMATS = load_formats()


def header_of(content: bytes, file_format: str) -> tuple[Header, bytes]:
    header, rest = read_header(blocks(io.BytesIO(content)), FORMATS[file_format])
    return header, joined(rest)


def joined(parts: Iterable[bytes | LongLine]) -> bytes:
    return b"".join(part for part in parts if isinstance(part, bytes))


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


# ---------------------------------------------------------------------------- lines without a header


def test_a_file_without_header_line_is_read_by_position_from_its_first_line() -> None:
    content = fixture("ADAMS FVE 20261026.txt")
    header, rest = header_of(content, "pa_voters")
    assert (header.cells, header.lines, rest) == (153, 0, content)
    assert (header.columns[0], header.columns[30], header.columns[69]) == ("voter_id", "district_1", "district_40")
    assert (header.columns[70], header.columns[150], header.columns[152]) == (
        "election_1_method",
        "phone",
        "mail_country",
    )


def test_a_newer_export_has_one_more_column() -> None:
    wider = b"".join(line + b'\t"ONLINE"\n' for line in fixture("ADAMS FVE 20261026.txt").splitlines())
    header, _ = header_of(wider, "pa_voters")
    assert (header.cells, header.columns[153]) == (154, "registration_method")


@pytest.mark.parametrize(("name", "file_format", "cells"), [("DAD_20261103.txt", "fl_voters", 38)])
def test_an_optional_header_line_is_told_from_a_voter(name: str, file_format: str, cells: int) -> None:
    without = fixture(name)
    titles = "\t".join(column.headers[0] for column in FORMATS[file_format].columns).encode()
    header, rest = header_of(titles + b"\r\n" + without, file_format)
    assert (header.cells, header.lines, rest) == (cells, 1, without)
    header, rest = header_of(without, file_format)
    assert (header.cells, header.lines, rest) == (cells, 0, without)


def test_a_voter_called_like_a_column_is_no_header() -> None:
    """Would have caught the first voter of New York being swallowed: WARD is a name and a column."""
    header, rest = header_of(fixture("AllNYSVoters_20261101.txt"), "ny_voters")
    assert header.lines == 0
    assert rest.startswith(b'"WARD"')


def test_a_damaged_first_line_does_not_cost_the_file() -> None:
    content = b"Page 1\r\n" + fixture("DAD_20261103.txt")
    header, rest = header_of(content, "fl_voters")
    assert (header.cells, rest) == (38, content)


def test_lines_of_another_width_are_refused_with_what_was_expected() -> None:
    with pytest.raises(ExchangeError) as caught:
        header_of(b"a\tb\tc\n" * 3, "pa_voters")
    assert "it has 3 cells" in caught.value.problem
    assert "lines of 153 to 154 cells, delimiter 'tab', without a header line" in str(caught.value.expected)


def test_north_carolina_kept_changing_its_header() -> None:
    """71 columns; in 2012 midl_name, name_sufx_cd, birth_place, age; since 2022 67 of them in another order."""
    now = set(header_of(fixture("ncvoter_Statewide.txt"), "nc_voters")[0].columns.values())
    old = set(header_of(fixture("ncvoter56_2012.txt"), "nc_voters")[0].columns.values())
    new = set(header_of(fixture("ncvoter56_2022.txt"), "nc_voters")[0].columns.values())
    assert (len(now), now - old, old - now) == (71, {"birth_year"}, {"age"})
    assert now - new == {"absent_ind", "name_prefx_cd", "dist_2_abbrv", "dist_2_desc"}
    assert new <= now


def test_columns_of_elections_are_collected_and_no_others() -> None:
    header, _ = header_of(fixture("SWVF_67_88.txt"), "oh_voters")
    assert list(header.collected.values()) == ["PRIMARY-03/07/2000", "GENERAL-11/07/2000", "GENERAL-11/05/2024"]
    with pytest.raises(ExchangeError, match="unknown column 'RESIDENTAL_ZIP'"):
        header_of(fixture("SWVF_67_88.txt").replace(b"RESIDENTIAL_ZIP_PLUS4", b"RESIDENTAL_ZIP", 1), "oh_voters")


def test_empty_elections_take_no_room() -> None:
    writer = CollectingWriter(1, ",", [0], {1: "a", 2: "b"}, filled_only=True)
    assert writer.lines(2, [b"x,,X", b'y,"",']) == b'1,2,x,"{""b"": ""X""}"\n1,3,y,"{}"\n'


# ---------------------------------------------------------------------------- code pages


def decoded(tmp_path: Path, content: bytes, encoding: Encoding, size: int = 1000) -> bytes:
    path = tmp_path / "file"
    path.write_bytes(content)
    with open_text(path, encoding) as source:
        parts = []
        while part := source.read(size):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_one_byte_per_character_becomes_utf8_line_by_line(tmp_path: Path, size: int) -> None:
    """A state joins files of its counties: what is UTF-8 already must not be decoded twice."""
    text = "MUÑOZ\nZoë O’Neil\nplain\n"
    mixed = "MUÑOZ\n".encode("cp1252") + "Zoë O’Neil\n".encode() + b"plain\n" + "Peña’s".encode("cp1252")
    assert decoded(tmp_path, mixed, "windows-1252", size) == (text + "Peña’s").encode()
    assert decoded(tmp_path, text.encode("cp1252"), "windows-1252", size) == text.encode()
    assert decoded(tmp_path, b"\xef\xbb\xbf" + text.encode(), "windows-1252", size) == text.encode()
    assert decoded(tmp_path, b"Mu\xd1oz \x92\n", "latin-1", size) == "MuÑoz \x92\n".encode()


def test_a_byte_that_the_code_page_lacks_costs_its_line_only(tmp_path: Path) -> None:
    assert decoded(tmp_path, b"a\nb\x81\xd1\nc\n", "windows-1252") == b"a\nb\x81" + "Ñ".encode() + b"\nc\n"


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252"])
def test_a_wider_encoding_is_refused_by_name(tmp_path: Path, encoding: Encoding) -> None:
    with pytest.raises(ExchangeError, match=f"declared {encoding}, looks like utf-16"):
        decoded(tmp_path, "\ufeffa,b\n".encode("utf-16-le"), encoding)


def test_a_line_of_many_megabytes_is_not_held_together(tmp_path: Path) -> None:
    content = b"\xd1" * (5 << 20) + b"\nb\xd1\n"
    assert decoded(tmp_path, content, "latin-1", 1 << 16) == content.decode("latin-1").encode()


# ---------------------------------------------------------------------------- descriptions


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("header: optional", "header: sometimes", "header"),
        ("slice: county_code", "slice: countycode", "there is no column countycode"),
        ("unique: [voter_id]", "unique: [id]", "there is no column id"),
        ("smallest_share: 0.5", "smallest_share: 5", "smallest_share"),
        ("state: FL", "state: Florida", "state"),
        ('like: "Y or N"', 'lik: "Y or N"', "lik"),
        (', like: "Y or N"', "", "go together"),
        ('"^[YNyn]$"', '"^[YNyn"', "not a regular expression"),
        ('"^[YNyn]$"', '"^\\\\w$"', "without backslashes"),
        ("header: optional", "header: present\n              least_cells: 3", "least_cells"),
        ("unknown_columns: refuse", "unknown_columns: refuse\n              collected_headers: x", "collected_headers"),
    ],
)
def test_a_wrong_description_of_a_voter_file_is_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    text = (SOURCES / "fl" / "_fl__sources.yml").read_text()
    assert old in text
    target = tmp_path / "fl" / "_fl__sources.yml"
    target.parent.mkdir()
    target.write_text(text.replace(old, new))
    with pytest.raises(ExchangeError, match=problem):
        load_formats(tmp_path)


@pytest.mark.parametrize(
    "row",
    [
        {"phone": "(919) 555-0100 ext. 5", "zip": "2761", "registration_status": "??", "email": "none"},
        {"phone": "+1.919.555.0100", "zip": "27601-1234", "birth_date": "1980", "email": "a@b.c"},
        {"phone": "n/a", "zip": "276011234", "birth_date": "2/9/1980", "county_fips": "1001", "sex": "Female"},
        {"zip": "2761.0", "birth_date": "1980-02-29T00:00:00", "congressional_district": "at-large", "suffix": "3rd"},
        {
            "congressional_district": "ocd-division/country:us/state:nc/cd:4",
            "first_name": "Åsa-Lü",
            "last_name": "O'Neil",
        },
        {"congressional_district": "ocd-division/country:us/district:dc", "city": "St. Mary's", "party": "No party"},
    ],
)
def test_odd_but_legal_values_of_the_generic_format_fit_its_patterns(row: dict[str, str]) -> None:
    import re

    patterns = {column.name: column.pattern for column in FORMATS["generic_voters"].patterned}
    assert [n for n, v in row.items() if patterns.get(n) and not re.search(str(patterns[n]), v)] == []


# ---------------------------------------------------------------------------- which file is what


@pytest.mark.parametrize(
    ("name", "state", "file_format"),
    [
        ("ncvoter_Statewide.txt", "NC", "nc_voters"),
        ("ncvoter56_2012.txt", "NC", "nc_voters"),
        ("ncvhis56.txt", "NC", "nc_voter_history"),
        ("absentee_20261103.csv", "NC", "nc_absentee"),
        ("DAD_20261103.txt", "FL", "fl_voters"),
        ("SWVF_67_88.txt", "OH", "oh_voters"),
        ("ADAMS FVE 20261026.txt", "PA", "pa_voters"),
        ("ADAMS Zone Types 20261026.txt", "PA", "pa_zone_types"),
        ("ADAMS Zone Codes 20261026.txt", "PA", "pa_zone_codes"),
        ("AllNYSVoters_20261101.txt", "NY", "ny_voters"),
    ],
)
def test_a_file_is_known_by_what_is_in_it(name: str, state: str, file_format: str) -> None:
    every_state = [one for one in FORMATS.values() if one.state in (None, state)]
    fitting, reasons = fitting_formats(FIXTURES / name, every_state)
    assert [one.name for one in fitting] == [file_format]
    assert all(reason.problem for reason in reasons.values())


def test_zone_codes_repeat_their_slots_whatever_the_file_is_called(tmp_path: Path) -> None:
    path = tmp_path / "codes.txt"
    path.write_bytes(b"".join(b"ADAMS\t6\tLEG%03d\tLEGISLATIVE %d\n" % (n, n) for n in range(20)))
    fitting, _ = fitting_formats(path, [FORMATS["pa_zone_types"], FORMATS["pa_zone_codes"]])
    assert [one.name for one in fitting] == ["pa_zone_codes"]


def test_a_state_file_in_the_wrong_order_of_columns_fits_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    lines = fixture("DAD_20261103.txt").splitlines()
    path.write_bytes(b"\n".join(b"\t".join(reversed(line.split(b"\t"))) for line in lines))
    fitting, reasons = fitting_formats(path, [FORMATS["fl_voters"]])
    assert not fitting
    assert "is something else" in reasons["fl_voters"].problem


# ---------------------------------------------------------------------------- codes


def rows(name: str) -> list[dict[str, Any]]:
    with (PROJECT_ROOT / "seeds" / "vocabulary" / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_county_of_the_five_states_has_a_code() -> None:
    states = {row["county_fips"]: row["state"] for row in rows("counties.csv")}
    by_format: dict[str, list[str]] = {}
    for row in rows("voter_file_counties.csv"):
        by_format.setdefault(row["file_format"], []).append(row["county_fips"])
    for file_format, codes in by_format.items():
        state = FORMATS[file_format].state
        assert set(codes) == {fips for fips, owner in states.items() if owner == state}, file_format


@pytest.mark.parametrize(
    ("file_format", "county_code", "county_fips"),
    [
        # alphabetical in the state's list, but not in the federal one: 37(2n-1) and 36(2n-1) would be other counties
        ("nc_voters", "56", "37113"),
        ("nc_voters", "59", "37111"),
        ("nc_voters", "100", "37199"),
        ("nc_voters", "0", "37199"),
        ("ny_voters", "45", "36091"),
        ("ny_voters", "50", "36089"),
        ("ny_voters", "31", "36061"),
        ("oh_voters", "88", "39175"),
        ("fl_voters", "DAD", "12086"),
        ("fl_voters", "MRN", "12083"),
        ("pa_voters", "MCKEAN", "42083"),
    ],
)
def test_counties_that_a_formula_or_a_guess_gets_wrong(file_format: str, county_code: str, county_fips: str) -> None:
    codes = {(row["file_format"], row["county_code"]): row["county_fips"] for row in rows("voter_file_counties.csv")}
    assert codes[file_format, county_code] == county_fips


def test_statuses_have_the_five_meanings() -> None:
    meanings = {row["meaning"] for row in rows("voter_file_codes.csv") if row["code_kind"] == "registration_status"}
    assert meanings == {"active", "inactive", "pending", "removed", "denied"}
