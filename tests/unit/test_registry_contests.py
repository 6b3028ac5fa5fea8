"""A contest is an office, a division and an election date; what the answer map says of it must lie in its validity."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.errors import ExchangeError
from exchange.registry import RegistryError, load_registry
from tests.registry_files import GOOD, write_registry

GOVERNOR = "gov26b,governor,{name},ocd-division/country:us/state:pa,{day},,\n"
MAPPING = "generic_contacts,*,*,Gov ID,9,candidate_support,gov26,lee,1,{first},{last}\n"
SHIPPED = Path(__file__).parents[2] / "seeds" / "vocabulary"


def problems_of(folder: Path, vocabulary: Path | None = None) -> list[ExchangeError]:
    try:
        load_registry(folder, vocabulary)
    except RegistryError as error:
        return error.problems
    return []


@pytest.mark.parametrize(
    ("name", "day", "is_one"),
    [
        ("Governor", "2026-11-03", True),
        (" GOVERNOR ", "2026-11-03", True),
        ("Lt. Governor", "2026-11-03", False),
        ("Governor", "2026-05-19", False),
    ],
)
def test_one_office_of_a_division_is_elected_once_a_day(tmp_path: Path, name: str, day: str, is_one: bool) -> None:
    """Would have caught: half of the answers about one race under another contest_id, and so half of its support."""
    contests = GOOD["contests.csv"] + GOVERNOR.format(name=name, day=day)
    found = problems_of(write_registry(tmp_path, contests=contests))
    assert [(problem.place.line, problem.place.column) for problem in found] == ([(4, "contest_id")] if is_one else [])


@pytest.mark.parametrize(
    ("first", "last", "columns"),
    [
        ("", "", []),
        ("2026-01-01", "2026-11-03", []),
        ("2025-12-31", "", ["valid_from"]),
        ("", "2026-11-04", ["valid_until"]),
        ("2027-01-01", "2027-02-01", ["valid_from", "valid_until"]),
    ],
)
def test_a_mapping_speaks_of_days_on_which_its_contest_is_valid(
    tmp_path: Path, first: str, last: str, columns: list[str]
) -> None:
    """Would have caught: a question re-cycled for 2028 whose answers went on counting for the governor of 2026."""
    answer_map = GOOD["answer_map.csv"] + MAPPING.format(first=first, last=last)
    found = problems_of(write_registry(tmp_path, answer_map=answer_map))
    assert [problem.place.column for problem in found] == columns


@pytest.mark.parametrize(
    ("file", "line", "column"),
    [
        ("tools.csv", "carrier_pigeons,pigeon,0", "file_format"),
        ("tools.csv", "spoke_contacts,other,1", "file_format"),
        ("channels.csv", "fax,Fax,1", "channel_no"),
        ("contact_results.csv", "asleep,Asleep,500,,,1", "result_no"),
        ("contact_results.csv", "asleep,Asleep,60,,,500", "result_rank"),
    ],
)
def test_numbers_and_tools_are_given_once(tmp_path: Path, file: str, line: str, column: str) -> None:
    """Would have caught: a new result under an old one's number: every old fact would become the new result."""
    vocabulary = tmp_path / "vocabulary"
    vocabulary.mkdir()
    for shipped in SHIPPED.glob("*.csv"):
        (vocabulary / shipped.name).write_bytes(shipped.read_bytes())
    assert problems_of(write_registry(tmp_path / "registry"), vocabulary) == []
    with (vocabulary / file).open("a", encoding="utf-8") as handle:
        handle.write(line + "\n")
    (problem,) = problems_of(tmp_path / "registry", vocabulary)
    assert (Path(problem.place.file or "").name, problem.place.column) == (file, column)
