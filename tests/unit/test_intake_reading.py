"""From a delivered file to text: encodings, zips, headers, formats. Each refusal names what is wrong."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.errors import ExchangeError
from exchange.intake.archive import archive_file
from exchange.intake.blocks import LongLine, blocks
from exchange.intake.containers import ByteSource, ZipLimits
from exchange.intake.decoding import open_text
from exchange.intake.formats import SOURCES, load_formats
from exchange.intake.header import Header, read_header

HEADER = b"state,state_voter_id,namespace,external_id\n"


def text_of(path: Path, encoding: Literal["utf-8", "utf-16"] = "utf-8", limits: ZipLimits | None = None) -> bytes:
    with open_text(path, encoding, limits or ZipLimits()) as source:
        return read_all(source)


def read_all(source: ByteSource) -> bytes:
    parts = []
    while part := source.read(1000):
        parts.append(part)
    return b"".join(parts)


def refusal(path: Path, encoding: Literal["utf-8", "utf-16"] = "utf-8") -> str:
    with pytest.raises(ExchangeError) as caught:
        text_of(path, encoding)
    return caught.value.problem


@pytest.fixture
def delivered(tmp_path: Path) -> Path:
    return tmp_path / "delivered"


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def test_a_byte_order_mark_is_no_text(delivered: Path) -> None:
    delivered.write_bytes("\ufeffa,b\n".encode())
    assert text_of(delivered) == b"a,b\n"


@pytest.mark.parametrize("order", ["le", "be"])
@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_utf16_is_read_in_both_orders_zipped_or_not(delivered: Path, order: str, mark: bool, packed: bool) -> None:
    text = "Name\tCity\r\n" + "Zoë 😀\tŁódź\r\n" * 3000
    content = (("\ufeff" if mark else "") + text).encode(f"utf-16-{order}")
    delivered.write_bytes(zipped(("report.xls", content)) if packed else content)
    assert text_of(delivered, "utf-16") == text.encode()


def test_half_a_surrogate_pair_is_left_for_its_line_to_be_refused(delivered: Path) -> None:
    delivered.write_bytes("\ufeffa\nb\ud800\nc\n".encode("utf-16-le", "surrogatepass"))
    assert text_of(delivered, "utf-16") == b"a\nb\xed\xa0\x80\nc\n"


@pytest.mark.parametrize(
    ("content", "encoding", "problem"),
    [
        (b"", "utf-8", "the file is empty (0 bytes)"),
        (b"", "utf-16", "the file is empty (0 bytes)"),
        (b"\0" * 9000, "utf-8", "the file consists of NUL bytes"),
        (b"\0" * 9000, "utf-16", "the file consists of NUL bytes"),
        (HEADER, "utf-16", "declared utf-16, looks like utf-8"),
        (b"\xef\xbb\xbf" + HEADER, "utf-16", "declared utf-16, looks like utf-8"),
        # the sample of 4096 bytes ends in the middle of a character
        (b"x" + "é".encode() * 4000, "utf-16", "declared utf-16, looks like utf-8"),
        ("\ufeffa,b\n".encode("utf-16-le"), "utf-8", "declared utf-8, looks like utf-16"),
        ("a,b\n".encode("utf-16-be"), "utf-8", "declared utf-8, looks like utf-16"),
        ("\ufeffa,b\n".encode("utf-32-le"), "utf-16", "declared utf-16, looks like utf-32"),
        (b"caf\xe9,b\n", "utf-16", "declared utf-16, but the file has no byte order mark"),
        (
            "\ufeffa,b\n".encode("utf-16-le")[:-1],
            "utf-16",
            "the utf-16 text ends in the middle of a character",
        ),
        (b"\x1f\x8b\x08\x00rest", "utf-8", "the file is gzip, not text"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_name(
    delivered: Path, content: bytes, encoding: Literal["utf-8", "utf-16"], problem: str
) -> None:
    delivered.write_bytes(content)
    assert refusal(delivered, encoding) == problem


def encrypted(content: bytes) -> bytes:
    """The zip with its members marked as encrypted: flag bit 0 in the local and the central header."""
    local, central = content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8
    changed = bytearray(content)
    changed[local] |= 1
    changed[central] |= 1
    return bytes(changed)


SOUND = zipped(("a.csv", HEADER + random.Random(1).randbytes(5000)))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (SOUND[:-100], "the zip is cut off or damaged"),
        (SOUND[:2000], "the zip is cut off or damaged"),
        (zipped(("a.csv", HEADER), ("b.csv", HEADER)), "the zip holds 2 files"),
        (zipped(), "the zip holds 0 files"),
        (encrypted(SOUND), "the zip is encrypted"),
        (zipped(("a.csv", HEADER), method=zipfile.ZIP_LZMA), "the zip is packed by a method that is not taken"),
        (zipped(("[Content_Types].xml", b""), ("xl/sheet.xml", b"")), "the file is an Excel workbook"),
        (
            SOUND.replace(zlib.crc32(HEADER + random.Random(1).randbytes(5000)).to_bytes(4, "little"), b"\1\2\3\4"),
            "the zip is damaged: wrong checksum",
        ),
        (zipped(("a.csv", b"0" * (80 << 20))), "the zip would grow from"),
    ],
)
def test_a_bad_zip_is_refused_by_name(delivered: Path, content: bytes, problem: str) -> None:
    delivered.write_bytes(content)
    assert refusal(delivered).startswith(problem)


def test_a_zip_of_macos_holds_one_file(delivered: Path) -> None:
    delivered.write_bytes(zipped(("folder/", b""), ("folder/a.csv", HEADER), ("__MACOSX/._a.csv", b"?")))
    assert text_of(delivered) == HEADER


@given(st.integers(0, len(SOUND) - 1), st.integers(0, 255), st.booleans())
@settings(max_examples=300, deadline=None)
def test_no_damage_to_a_zip_raises_anything_else(place: int, byte: int, cut: bool) -> None:
    """Whatever a bad disk or a partner does to a zip: the same text, or a named refusal."""
    content = SOUND[:place] if cut else SOUND[:place] + bytes([byte]) + SOUND[place + 1 :]
    path = Path("/dev/shm") / f"intake_{place}_{byte}_{cut}"
    try:
        path.write_bytes(content)
        text = text_of(path)
    except ExchangeError:
        return
    finally:
        path.unlink(missing_ok=True)
    assert text == HEADER + random.Random(1).randbytes(5000) or not content.startswith(b"PK\x03\x04")


@given(st.binary(max_size=200).map(lambda text: text.replace(b"b", b"\n")), st.integers(1, 50))
def test_blocks_are_the_text_cut_after_line_feeds(text: bytes, size: int) -> None:
    parts = list(blocks(io.BytesIO(text), size))
    assert all(isinstance(part, bytes) and part.endswith(b"\n") for part in parts)
    assert b"".join(part for part in parts if isinstance(part, bytes)).removesuffix(b"\n") == text.removesuffix(b"\n")


def header_of(content: bytes, file_format: str) -> tuple[Header, Iterable[bytes | LongLine]]:
    return read_header(blocks(io.BytesIO(content), 7), load_formats()[file_format])


def test_headers_match_in_any_case_spacing_order_and_spelling() -> None:
    header, rest = header_of(b'"STATE_voter_id ", state,NameSpace ,external_id\r\n1,2,3,4\n', "generic_person_ids")
    assert list(header.columns.values()) == ["state_voter_id", "state", "namespace", "external_id"]
    assert (header.cells, header.collected) == (4, {})
    assert b"".join(part for part in rest if isinstance(part, bytes)) == b"1,2,3,4\n"
    report = "MyCampaignID\tDate Canvassed\tSurvey Response\tSurvey Question Name\tContact Type\n"
    assert header_of(report.encode(), "van_survey_response_report")[0].columns[0] == "vanid"


def test_unknown_columns_are_collected_where_the_format_says_so() -> None:
    content = b'campaignId,contact[cell],contact[messageStatus],"question[Who?\nWhy?]",note,note,note_1,\n'
    header, _ = header_of(content, "spoke_contacts")
    assert header.lines == 2
    assert list(header.collected.values()) == ["question[Who?\nWhy?]", "note", "note_2", "note_1", ""]


@pytest.mark.parametrize(
    ("content", "problem", "column"),
    [
        (HEADER.replace(b"\n", b",shoe_size\n"), "unknown column 'shoe_size'", "shoe_size"),
        (HEADER.replace(b"\n", b",\n"), "unknown column ''", ""),
        (HEADER.replace(b"\n", b",STATE\n"), "the column 'STATE' is there twice", "STATE"),
        (b"state,state_voter_id,external_id\n", "the column 'namespace' is missing", "namespace"),
        (HEADER.replace(b",", b";"), "unknown column 'state;state_voter_id;namespace;external_id'", None),
        (b"\n" + HEADER, "the header line is blank", None),
        (b'state,"state_voter_id\n', "the header is damaged: a quote is opened and not closed", None),
        (b"st\xe4te,b\n", "the header is not UTF-8", None),
        (b"state\0,b\n", "the header holds NUL bytes", None),
        (
            HEADER.replace(b"\n", b"\r") * 3,
            "the header is damaged: a carriage return inside an unquoted cell",
            None,
        ),
        (b"x" * (2 << 20), "the first line is longer than 1048576 bytes", None),
        (b"", "the file has no header", None),
    ],
)
def test_a_header_that_does_not_fit_is_refused_with_its_column(
    content: bytes, problem: str, column: str | None
) -> None:
    with pytest.raises(ExchangeError) as caught:
        header_of(content, "generic_person_ids")
    assert caught.value.problem == problem
    assert caught.value.place.line == 1
    assert column is None or caught.value.place.column == column
    assert "state_voter_id (required)" in str(caught.value.expected)


def test_two_spellings_of_one_column_are_refused() -> None:
    with pytest.raises(ExchangeError, match="'van_id' and 'dwid' both mean external_id"):
        header_of(b"timestamp,conversation_id,van_id,dwid\n", "thrutext_opt_outs")


def test_the_shipped_formats() -> None:
    formats = load_formats()
    assert {"generic_contacts", "van_survey_response_report", "spoke_contacts"} <= set(formats)
    report = formats["van_survey_response_report"]
    assert (report.system, report.delimiter, report.encoding) == ("van", "\t", "utf-16")
    assert [c.name for c in formats["generic_person_ids"].columns if not c.required] == ["scope"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('delimiter: ","', 'delimiter: "quote"', "delimiter"),
        ("encoding: utf-8", "encoding: koi8-r", "encoding"),
        ('headers: ["state"]', 'header: ["state"]', "header"),
        ('headers: ["state"]', 'headers: ["scope"]', "belongs to both"),
        ("name: scope", "name: _file_id", "name"),
        ("sources:", "sources: [", "not readable as YAML"),
    ],
)
def test_a_wrong_description_is_refused_with_its_file(tmp_path: Path, old: str, new: str, problem: str) -> None:
    described = (SOURCES / "generic" / "_generic__sources.yml").read_text()
    target = tmp_path / "generic" / "_generic__sources.yml"
    target.parent.mkdir()
    target.write_text(described.replace(old, new))
    with pytest.raises(ExchangeError, match=problem) as caught:
        load_formats(tmp_path)
    assert str(target) in str(caught.value)


def test_the_archive_keeps_the_bytes_once(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_bytes(HEADER)
    first = archive_file(source, tmp_path / "archive")
    again = archive_file(source, tmp_path / "archive")
    assert first == again
    assert first.path == tmp_path / "archive" / first.sha256[:2] / first.sha256
    assert first.path.read_bytes() == HEADER
    assert not list((tmp_path / "archive" / "arriving").iterdir())


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="symbolic links"):
        archive_file(tmp_path / "link.csv", tmp_path / "archive")
    assert not list((tmp_path / "archive" / "arriving").iterdir())
