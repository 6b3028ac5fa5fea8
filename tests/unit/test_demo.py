"""The demo exchange: same seed, same bytes; exact vendor shapes; a truth that agrees with the files beside it."""

from __future__ import annotations

import csv
import filecmp
import hashlib
import io
import os
import subprocess
import sys
import tracemalloc
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from exchange.demo import DemoOptions, write_demo
from exchange.demo.registry_files import make_registry, write_registry
from exchange.errors import ExchangeError
from exchange.intake.blocks import blocks
from exchange.intake.decoding import open_text
from exchange.intake.formats import load_formats
from exchange.intake.header import read_header
from exchange.intake.records import RecordFilter
from exchange.intake.row_writers import VerbatimWriter
from exchange.settings import PROJECT_ROOT

SMALL = DemoOptions(voters=1_200, contacts=9_000, partners=13, seed=7)
COUNTED = ("accepted", "ignored", "quarantined")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo")
    write_demo(SMALL, out)
    return out


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text_of(path: Path) -> str:
    """The decoded text of a delivered file; a damaged byte becomes a mark."""
    if path.suffix != ".zip":
        return path.read_bytes().decode("utf-8-sig", errors="replace")
    with zipfile.ZipFile(path) as archive:
        (entry,) = archive.infolist()
        return archive.read(entry).decode("utf-16")


def test_same_seed_gives_the_same_bytes_in_another_process(demo: Path, tmp_path: Path) -> None:
    """Would have caught: hash randomness of sets, a clock in a zip entry, a locale in a date."""
    code = "import sys; from pathlib import Path; from exchange.demo import *; " + (
        f"write_demo(DemoOptions({SMALL.voters}, {SMALL.contacts}, {SMALL.partners}, {SMALL.seed}), Path(sys.argv[1]))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "PYTHONPATH": str(PROJECT_ROOT)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=environment, timeout=120)
    assert digests(demo) == digests(tmp_path)


def test_another_seed_gives_another_world_with_the_same_registry(demo: Path, tmp_path: Path) -> None:
    write_demo(DemoOptions(SMALL.voters, SMALL.contacts, SMALL.partners, seed=8), tmp_path)
    ours, theirs = digests(demo), digests(tmp_path)
    same = {name for name in ours if theirs.get(name) == ours[name]}
    assert same == {name for name in ours if name.startswith("registry/")} | {"truth/README.md"}


def test_shipped_registry_is_the_default_demos(tmp_path: Path) -> None:
    write_registry(make_registry(DemoOptions().partners), tmp_path)
    shipped = PROJECT_ROOT / "seeds" / "registry"
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted(path.name for path in shipped.glob("*.csv"))
    different = filecmp.cmpfiles(tmp_path, shipped, names, shallow=False)[1]
    assert not different, f"run `exchange demo` and copy registry/ to seeds/registry: {different} differ"


@pytest.mark.parametrize("partners", [1, 5, 12, 60])
def test_registry_is_valid_for_any_number_of_partners(partners: int, tmp_path: Path) -> None:
    """Would have caught: a rule or a group that names a partner left out, two partners with one schema."""
    from exchange.registry import load_registry

    write_registry(make_registry(partners), tmp_path)
    assert len(load_registry(tmp_path).partners) >= partners


def test_the_world_is_believable() -> None:
    registry = make_registry(12)
    assert {partner.side for partner in registry.partners} == {"coordinated", "independent"}
    assert any(partner.is_active == "false" for partner in registry.partners)
    with_feeds = {feed.partner_id for feed in registry.feeds}
    assert any(partner.partner_id not in with_feeds for partner in registry.partners)
    # a state's own voter file is real or it is nothing: the demo's states come in the generic format
    formats = {file_format.name for file_format in load_formats().values() if file_format.state is None}
    assert {feed.file_format for feed in registry.feeds} == formats


def test_every_line_of_every_file_is_in_the_truth_once_per_record(demo: Path) -> None:
    """Would have caught: a record with an embedded line feed shifting every later line number."""
    feeds = {row["feed_id"]: row for row in rows_of(demo / "registry" / "feeds.csv")}
    found: dict[tuple[str, str], set[int]] = {}
    for row in rows_of(demo / "truth" / "rows.csv"):
        found.setdefault((row["feed_id"], row["file_name"]), set()).add(int(row["line"]))
    delivered = [path for path in (demo / "inbox").rglob("*") if path.is_file() and "exchange" not in path.parts]
    delivered = [path for path in delivered if not path.stem.endswith("_copy")]
    assert len(delivered) == len(found)
    for (feed_id, name), lines in found.items():
        path = demo / "inbox" / feeds[feed_id]["location"] / name
        assert path.match(feeds[feed_id]["file_pattern"])
        assert lines == starting_lines(path), path


def starting_lines(path: Path) -> set[int]:
    text = text_of(path).replace("\0", "?")
    tabs = path.suffix == ".zip"
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter="\t" if tabs else ",",
        quoting=csv.QUOTE_NONE if tabs else csv.QUOTE_MINIMAL,
    )
    starts, before = set(), 0
    for _ in reader:
        starts.add(before + 1)
        before = reader.line_num
    return starts - {1}


def test_the_reader_refuses_exactly_the_damaged_lines(demo: Path) -> None:
    """Would have caught: damage that the reader takes for a good line, or that swallows the line after it."""
    feeds = {row["feed_id"]: row for row in rows_of(demo / "registry" / "feeds.csv")}
    expected: dict[tuple[str, str], list[int]] = {}
    for row in rows_of(demo / "truth" / "rows.csv"):
        refused = expected.setdefault((row["feed_id"], row["file_name"]), [])
        if row["expected_status"] == "rejected":
            refused.append(int(row["line"]))
    formats = load_formats()
    for (feed_id, name), lines in expected.items():
        form = formats[feeds[feed_id]["file_format"]]
        with open_text(demo / "inbox" / feeds[feed_id]["location"] / name, form.encoding) as source:
            header, text = read_header(blocks(source), form)
            records = RecordFilter(VerbatimWriter(1, form.delimiter), header.cells, form.delimiter, header.lines + 1)
            refused = [reject.line for rows in records.rows(text) for reject in rows.rejects]
        assert refused == sorted(lines), (feed_id, name)


def test_one_live_version_of_every_record(demo: Path) -> None:
    """Would have caught: two conversations of one person on one day in a report whose key is the person and the day."""
    rows = rows_of(demo / "truth" / "rows.csv")
    live = Counter((row["feed_id"], row["record_key"]) for row in rows if row["expected_status"] in COUNTED)
    assert set(live.values()) == {1}
    replaced = {
        (row["feed_id"], row["record_key"])
        for row in rows
        if row["expected_status"] in ("superseded", "duplicate") and not row["why"].startswith("retracted")
    }
    # an old snapshot's retracted row with several answers is retracted with each of them
    assert replaced <= set(live)


def test_every_trap_is_there(demo: Path) -> None:
    rows = rows_of(demo / "truth" / "rows.csv")
    assert {row["expected_status"] for row in rows} == {*COUNTED, "rejected", "superseded", "duplicate", "copied"}
    reasons = {row["why"] for row in rows}
    assert {"too few cells", "too many cells", "NUL character", "byte that is not UTF-8"} <= reasons
    assert {"question not in the answer map", "answer not in the answer map", "time not understood"} <= reasons
    assert any(why.startswith("retracted") for why in reasons)
    unmatched = [row for row in rows if row["id_matches"] == "false" and row["expected_status"] == "accepted"]
    assert any(row["state_voter_id"] for row in unmatched) and any(not row["state_voter_id"] for row in unmatched)
    stripped = [row for row in unmatched if row["feed_id"] == "carolina_doors_sheets" and row["state_voter_id"]]
    assert any(row["state_voter_id"].startswith("0") for row in stripped)


def test_van_tells_the_texting_tools_conversations_again(demo: Path) -> None:
    """Without them the demo would show no copies: a text that counts once, and a correction made in VAN."""
    rows = [
        row for row in rows_of(demo / "truth" / "rows.csv") if row["contact_source"] == "thrutext:lopez_for_governor"
    ]
    answers = Counter(row["expected_status"] for row in rows if row["feed_id"] == "lopez_van_survey")
    assert answers["copied"] > answers["accepted"] > 0
    told = {row["contact_key"] for row in rows if row["feed_id"].startswith("lopez_thrutext")}
    again = [row for row in rows if row["feed_id"] == "lopez_van_history"]
    assert {row["contact_result"] for row in again} == {"texted", "canvassed", "do_not_text"}
    assert {row["contact_key"] for row in again} < told


def test_fewer_than_two_percent_of_a_file_are_damaged(demo: Path) -> None:
    rows = rows_of(demo / "truth" / "rows.csv")
    lines = {(row["file_name"], row["feed_id"], row["line"]): row["expected_status"] for row in rows}
    total = Counter((name, feed) for name, feed, _ in lines)
    rejected = Counter((name, feed) for (name, feed, _), status in lines.items() if status == "rejected")
    assert rejected
    for place, count in rejected.items():
        assert count == 1 or count / total[place] < 0.02, place
        assert count / total[place] < 0.05, place


def test_codes_of_the_truth_are_in_the_vocabulary(demo: Path) -> None:
    vocabulary = PROJECT_ROOT / "seeds" / "vocabulary"
    results = {row["contact_result"] for row in rows_of(vocabulary / "contact_results.csv")}
    channels = {row["channel"] for row in rows_of(vocabulary / "channels.csv")}
    answers = {(row["question_code"], row["answer_code"]) for row in rows_of(vocabulary / "answers.csv")}
    rows = rows_of(demo / "truth" / "rows.csv")
    live = [row for row in rows if row["expected_status"] in ("accepted", "ignored")]
    assert {row["contact_result"] for row in live} <= results | {""}
    assert {row["channel"] for row in live} <= channels
    assert {(row["question_code"], row["answer_code"]) for row in live if row["question_code"]} <= answers


def test_ids_on_two_voters_are_never_expected_to_match(demo: Path) -> None:
    owners: dict[tuple[str, str, str], set[tuple[str, str]]] = {}
    for path in (demo / "inbox" / "exchange" / "person_ids").iterdir():
        for row in rows_of(path):
            key = (row["namespace"], row["scope"], row["external_id"])
            owners.setdefault(key, set()).add((row["state"], row["state_voter_id"]))
    assert any(len(found) > 1 for found in owners.values())
    feeds = {row["feed_id"]: row for row in rows_of(demo / "registry" / "feeds.csv")}
    for row in rows_of(demo / "truth" / "rows.csv"):
        if row["id_matches"] == "true" and row["feed_id"].endswith("van_history"):
            vanid = row["record_key"].split("|")[1]
            key = (feeds[row["feed_id"]]["id_namespace"], feeds[row["feed_id"]]["id_scope"], vanid)
            assert owners[key] == {(row["state"], row["state_voter_id"])}


def test_sizes_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="do not fit"):
        write_demo(DemoOptions(voters=100, contacts=1_000_000), tmp_path)


def test_memory_does_not_grow_with_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would have caught: a list of conversations, or a set of voters already written."""
    # visibility.csv alone needs all records at once, which is why only small demos have it
    monkeypatch.setattr("exchange.demo.generate.ROW_LIMIT", 0)
    # both sizes fill a block of voters and none of the streams' last blocks matters
    small = traced_peak(DemoOptions(voters=5_000, contacts=5_000), tmp_path / "small")
    large = traced_peak(DemoOptions(voters=20_000, contacts=20_000), tmp_path / "large")
    assert large < 1.3 * small + (1 << 20)


def traced_peak(options: DemoOptions, out: Path) -> int:
    """Peak bytes while a demo is written."""
    tracemalloc.start()
    try:
        write_demo(options, out)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
