"""Each check of the registry, by one thing spoiled in a good one, which itself must load."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from exchange.errors import ExchangeError
from exchange.registry import RegistryError, load_registry
from tests.registry_files import GOOD, write_registry


def problems_of(folder: Path) -> list[ExchangeError]:
    try:
        load_registry(folder)
    except RegistryError as error:
        return error.problems
    return []


def spoiled(folder: Path, file: str, old: str, new: str) -> list[ExchangeError]:
    text = GOOD[f"{file}.csv"]
    assert text.count(old) == 1, f"{old!r} must be in {file}.csv once"
    return problems_of(write_registry(folder, **{file: text.replace(old, new)}))


def test_a_good_registry_loads_typed(tmp_path: Path) -> None:
    registry = load_registry(write_registry(tmp_path))
    assert [partner.partner_id for partner in registry.partners][:2] == ["exchange", "pa_party"]
    assert registry.partner("mail_votes").partner_name == "Mail Votes, Inc."
    assert registry.partner("door_group").is_active is False
    feed = registry.feed("gov_contacts")
    assert (feed.expected_every_hours, feed.min_rows, feed.max_reject_share) == (24, 1, 0.05)
    assert registry.contests[0].election_on == date(2026, 11, 3)
    assert registry.answer_map[-1].is_ignored
    assert registry.sharing_rules[1].embargo_days is None
    assert registry.members("group:mixed") == {"pa_party", "door_group"}
    assert registry.members("group:all") == {"pa_party", "gov_campaign", "mail_votes", "door_group"}
    assert registry.members("group:independent") == {"mail_votes", "door_group"}
    assert "exchange" in registry.members("*")


def test_the_exchange_needs_no_row(tmp_path: Path) -> None:
    text = GOOD["partners.csv"].replace("exchange,The exchange,,,,,,,,\n", "")
    registry = load_registry(write_registry(tmp_path, partners=text))
    assert registry.partner("exchange").is_exchange


def test_unknown_names_are_errors_that_list_the_known(tmp_path: Path) -> None:
    registry = load_registry(write_registry(tmp_path))
    with pytest.raises(ExchangeError, match="gov_contacts"):
        registry.feed("gov")
    with pytest.raises(ExchangeError, match="mail_votes"):
        registry.partner("mail")


@pytest.mark.parametrize("stem", [name.removesuffix(".csv") for name in GOOD])
def test_header_alone_is_a_file_and_no_file_is_a_problem(tmp_path: Path, stem: str) -> None:
    found = problems_of(write_registry(tmp_path, **{stem: None}))
    # what refers to the missing file is not reported too: it may be right
    assert [(problem.problem, Path(problem.place.file or "").name) for problem in found] == [
        ("The file is missing.", f"{stem}.csv")
    ]


def test_an_empty_exchange_is_a_registry(tmp_path: Path) -> None:
    headers = {name.removesuffix(".csv"): text.split("\n")[0] + "\n" for name, text in GOOD.items()}
    assert problems_of(write_registry(tmp_path, **headers)) == []


def test_byte_order_mark_line_ends_column_order_and_blank_words(tmp_path: Path) -> None:
    folder = write_registry(
        tmp_path,
        candidates="contest_id,party,candidate_id,candidate_name\ngov26,,lee,NULL\ngov26,,ray, \nhd7,,fox,x\n",
    )
    text = (folder / "partners.csv").read_text().replace("\n", "\r\n").replace("true", "TRUE")
    (folder / "partners.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    registry = load_registry(folder)
    assert [candidate.candidate_name for candidate in registry.candidates] == [None, None, "x"]
    assert registry.partner("pa_party").is_active is True


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "column", "says"),
    [
        # the file as CSV
        ("partners", "is_active\n", "is_active,colour\n", 1, "colour", "The column is unknown."),
        ("partners", "side,", "", 1, "side", "The column is missing."),
        ("candidates", "name,party", "name,candidate_name", 1, "candidate_name", "The column appears twice."),
        ("candidates", "ray,gov26,Bo Ray,R", "ray,gov26,Bo Ray", 3, None, "as many cells"),
        ("candidates", "ray,gov26,Bo Ray,R", "ray,gov26,Ray, Bo,R", 3, None, "as many cells"),
        ("candidates", "ray,gov26,Bo Ray,R\n", "ray,gov26,Bo Ray,R\n\n", 4, None, "The line is blank."),
        ("candidates", "fox,hd7,Cy Fox,\n", "fox,hd7,Cy Fox,\n\n", 5, None, "The line is blank."),
        ("candidates", "Cy Fox", '"Cy Fox', 4, None, "not CSV"),
        ("candidates", "Cy Fox", '"Cy" Fox', 4, None, "not CSV"),
        ("candidates", "Cy Fox", "Cy\0Fox", 4, None, "NUL"),
        # types
        ("partners", "p_0a1b2c", "p_0A1B2C", 3, "share_schema", "cannot be understood"),
        ("partners", "p_0a1b2c", "p_0a1b2", 3, "share_schema", "cannot be understood"),
        ("partners", "pa_party", "PA Party", 3, "partner_id", "cannot be understood"),
        ("partners", "coordinated,party", "both,party", 3, "side", "cannot be understood"),
        ("partners", "coordinated,party", "coordinated,union", 3, "kind", "cannot be understood"),
        ("partners", "names,PA,true", "all,PA,true", 3, "voter_fields", "cannot be understood"),
        ("partners", "names,PA,true", "names,PA,yes", 3, "is_active", "cannot be understood"),
        ("partners", "PA NC", "PA, NC", 4, None, "as many cells"),
        ("partners", "PA NC", "PA;NC", 4, "states", "cannot be understood"),
        ("partners", "PA NC", "pa nc", 4, "states", "cannot be understood"),
        ("partners", "PA NC", "PA PA", 4, "states", "cannot be understood"),
        ("contests", ",governor,", ",mayor,", 2, "office_level", "cannot be understood"),
        ("contests", "us/state:pa/sldl:7", "us/state:pa/sldl 7", 3, "division_id", "cannot be understood"),
        (
            "contests",
            ",2026-11-03,2026-01-01",
            ",11/03/2026,2026-01-01",
            2,
            "election_on",
            "cannot be understood",
        ),
        (
            "contests",
            ",2026-11-03,2026-01-01",
            ",20261103,2026-01-01",
            2,
            "election_on",
            "cannot be understood",
        ),
        ("contests", ",2026-11-03,2026-01-01", ",2026-02-30,", 2, "election_on", "cannot be understood"),
        ("contests", "sldl:7,2026-11-03", "sldl:7,", 3, "election_on", "The cell is blank."),
        ("feeds", "delta", "append", 3, "coverage", "cannot be understood"),
        ("feeds", "America/New_York", "America/Philadelphia", 3, "timezone", "cannot be understood"),
        ("feeds", "America/New_York", "EDT", 3, "timezone", "cannot be understood"),
        ("feeds", ",24,1,0.05", ",-1,1,0.05", 3, "expected_every_hours", "cannot be understood"),
        ("feeds", ",24,1,0.05", ",24,1.5,0.05", 3, "min_rows", "cannot be understood"),
        ("feeds", ",24,1,0.05", ",24,1,5%", 3, "max_reject_share", "cannot be understood"),
        ("feeds", ",24,1,0.05", ",24,1,1.01", 3, "max_reject_share", "cannot be understood"),
        ("feeds", ",gov,", ",../gov,", 3, "location", "cannot be understood"),
        ("feeds", ",gov,", ",gov/../../x,", 3, "location", "cannot be understood"),
        ("feeds", ",gov,", ",/etc,", 3, "location", "cannot be understood"),
        ("feeds", "contacts*.csv", "/contacts*.csv", 3, "file_pattern", "cannot be understood"),
        ("feeds", "contacts*.csv", "../*.csv", 3, "file_pattern", "cannot be understood"),
        ("answer_map", "lee,2", "lee,two", 4, "answer_code", "cannot be understood"),
        ("answer_map", "lee,2", "lee,99999", 4, "answer_code", "cannot be understood"),
        ("sharing_rules", "r3,withhold", "r3,hide", 4, "effect", "cannot be understood"),
        ("sharing_rules", "contacts,", "people,", 4, "subject", "cannot be understood"),
        ("sharing_rules", "blind,two_months", "secret,two_months", 3, "attribution", "cannot be understood"),
        ("sharing_rules", "blind,two_months", "blind,year", 3, "date_precision", "cannot be understood"),
        ("sharing_rules", "*,14,named", "*,-1,named", 5, "embargo_days", "cannot be understood"),
        ("sharing_rules", ",governor,", ",mayor,", 3, "office_level", "cannot be understood"),
        ("sharing_rules", ",governor,", ",,", 3, "office_level", "The cell is blank."),
        # keys
        ("partners", "gov_campaign", "pa_party", 4, "partner_id", "stand on line 3 already"),
        ("partners", "p_1a1b2c", "p_0a1b2c", 4, "share_schema", "stand on line 3 already"),
        ("partner_groups", "hard,gov_campaign", "hard,pa_party", 3, "group_id", "stand on line 2 already"),
        ("feeds", "mail_spoke", "gov_contacts", 4, "feed_id", "stand on line 3 already"),
        ("contests", "hd7", "gov26", 3, "contest_id", "stand on line 2 already"),
        ("candidates", "ray,gov26", "lee,gov26", 3, "candidate_id", "stand on line 2 already"),
        ("sharing_rules", "r4,", "r1,", 5, "rule_id", "stand on line 2 already"),
        # what a partner needs
        (
            "partners",
            "pa_party,Party of PA,coordinated",
            "pa_party,Party of PA,",
            3,
            "side",
            "The cell is blank.",
        ),
        ("partners", "p_0a1b2c", "", 3, "share_schema", "The cell is blank."),
        ("partners", "vanid_voterfile", "", 3, "id_namespace", "The cell is blank."),
        ("partners", "names,PA,true", "names,PA,", 3, "is_active", "The cell is blank."),
        ("partners", "vanid_campaign,C77", "vanid_campaign,", 4, "id_scope", "The cell is blank."),
        ("partners", "state_voter_id,NC", "state_voter_id,Wake", 6, "id_scope", "The state is not known."),
        ("partners", "NC,false", "XX,false", 6, "states", "The state is not known."),
        # references
        ("partners", "vanid_voterfile", "vanid", 3, "id_namespace", "not known"),
        ("partner_groups", "soft,mail_votes", "soft,nobody", 4, "partner_id", "not known"),
        ("partner_groups", "soft,mail_votes", "all,mail_votes", 4, "group_id", "built in"),
        ("feeds", "gov_contacts,gov_campaign", "gov_contacts,nobody", 3, "partner_id", "not known"),
        ("feeds", "spoke_contacts", "spoke", 4, "file_format", "not known"),
        ("feeds", ",dwid,", ",dw,", 4, "id_namespace", "not known"),
        ("feeds", "vanid_campaign,C77", "vanid_campaign,", 3, "id_scope", "The cell is blank."),
        ("feeds", "US/Central", "", 4, "timezone", "The cell is blank."),
        ("feeds", ",PA,24", ",PP,24", 3, "state", "The state is not known."),
        ("contests", "2026-01-01,2026-11-03", "2026-01-01,2025-11-03", 2, "valid_until", "before valid_from"),
        ("contests", "2026-01-01,2026-11-03", "2026-11-04,", 2, "valid_from", "after its election"),
        ("candidates", "fox,hd7", "fox,hd8", 4, "contest_id", "not known"),
        # the answer map
        ("answer_map", "*,*,Gov ID", "nobody,*,Gov ID", 4, "partner_id", "not known"),
        ("answer_map", "generic_contacts,*", "generic,*", 4, "file_format", "not known"),
        ("answer_map", "vote_by_mail_comfort", "mail_comfort", 6, "question_code", "not known"),
        ("answer_map", "gov26,lee,2", "gov27,lee,2", 4, "contest_id", "not known"),
        ("answer_map", "gov26,lee,2", "gov26,kim,2", 4, "candidate_id", "not known"),
        ("answer_map", "gov26,lee,2", "hd7,lee,2", 4, "candidate_id", "does not stand in this contest"),
        ("answer_map", "gov26,lee,2", ",lee,2", 4, "contest_id", "The cell is blank."),
        ("answer_map", "gov26,lee,2", "gov26,,2", 4, "candidate_id", "The cell is blank."),
        ("answer_map", "gov26,lee,2", "gov26,lee,9", 4, "answer_code", "has no such answer"),
        ("answer_map", "gov26,lee,2", "gov26,lee,", 4, "answer_code", "The cell is blank."),
        ("answer_map", "comfort,,,1", "comfort,gov26,,1", 6, "contest_id", "The cell is not blank."),
        ("answer_map", "?,Sure", "?,*", 6, "source_answer", "The answer is '*'."),
        ("answer_map", "2026-07-01", "2026-06-30", 3, "source_answer", "mapped on line 2 already"),
        ("answer_map", "2026-07-01", "", 3, "source_answer", "mapped on line 2 already"),
        ("answer_map", "C77,Gov", "*,Gov", 5, "source_answer", "mapped on line 2 already"),
        # sharing rules
        ("sharing_rules", "r4,share,mail_votes", "r4,share,nobody", 5, "contributor", "not known"),
        ("sharing_rules", "door_group", "group:doors", 5, "recipient", "The group is not known."),
        ("sharing_rules", "candidate_support", "support", 3, "question_code", "not known"),
        ("sharing_rules", "PA,door", "PA,knock", 3, "channel", "not known"),
        ("sharing_rules", "PA,door", "Penn,door", 3, "state", "The state is not known."),
        (
            "sharing_rules",
            "2026-01-01,2026-12-31",
            "2026-01-01,2025-12-31",
            2,
            "valid_until",
            "before valid_from",
        ),
        ("sharing_rules", "blind,two_months", ",two_months", 3, "attribution", "The cell is blank."),
        ("sharing_rules", "blind,two_months", "blind,", 3, "date_precision", "The cell is blank."),
    ],
)
def test_one_thing_wrong_is_one_problem_in_its_place(
    tmp_path: Path, file: str, old: str, new: str, line: int, column: str | None, says: str
) -> None:
    found = [problem for problem in spoiled(tmp_path, file, old, new) if Path(problem.place.file or "").stem == file]
    assert any(
        (problem.place.line, problem.place.column) == (line, column) and says in problem.problem for problem in found
    ), [str(problem) for problem in found]


@pytest.mark.parametrize("partner_id", ["all", "coordinated", "independent", "*", "group:hard"])
def test_reserved_partner_ids(tmp_path: Path, partner_id: str) -> None:
    text = GOOD["partners.csv"] + f"{partner_id},X,coordinated,party,p_9a1b2c,dwid,,ids,PA,true\n"
    found = problems_of(write_registry(tmp_path, partners=text))
    assert [(problem.place.line, problem.place.column) for problem in found] == [(7, "partner_id")]


def test_all_problems_are_told_in_order_with_the_value(tmp_path: Path) -> None:
    folder = write_registry(
        tmp_path,
        partners=GOOD["partners.csv"].replace("p_0a1b2c", "x").replace("names,PA,true", "names,PA,maybe"),
        partner_groups=None,
        candidates="candidate_id,contest_id\nlee,gov26\n",
        feeds=GOOD["feeds.csv"].replace("gov_contacts,gov_campaign", "gov_contacts,nobody"),
    )
    found = problems_of(folder)
    assert [(Path(problem.place.file or "").name, problem.place.line, problem.place.column) for problem in found] == [
        ("partners.csv", 3, "share_schema"),
        ("partners.csv", 3, "is_active"),
        ("partner_groups.csv", None, None),
        ("feeds.csv", 3, "partner_id"),
        ("candidates.csv", 1, "candidate_name"),
        ("candidates.csv", 1, "party"),
    ]
    assert "'maybe'" in str(found[1]) and "true or false" in str(found[1])
    with pytest.raises(RegistryError, match="6 problems"):
        load_registry(folder)


def test_a_quoted_line_break_does_not_move_later_lines(tmp_path: Path) -> None:
    found = spoiled(tmp_path, "candidates", "lee,gov26,Ada Lee,D\nray,gov26", 'lee,gov26,"Ada\nLee",D\nray,gov99')
    assert [problem.place.line for problem in found if (problem.place.file or "").endswith("candidates.csv")] == [4]


def test_other_encodings_are_named_with_their_line(tmp_path: Path) -> None:
    folder = write_registry(tmp_path)
    (folder / "candidates.csv").write_bytes(GOOD["candidates.csv"].replace("Bo Ray", "Bj\u00f6rn").encode("latin-1"))
    assert [(problem.place.line, problem.problem) for problem in problems_of(folder)] == [(3, "The file is not UTF-8.")]
    (folder / "candidates.csv").write_bytes(GOOD["candidates.csv"].encode("utf-16"))
    assert [problem.problem for problem in problems_of(folder)] == ["The file is not UTF-8."]
    (folder / "candidates.csv").write_bytes(b"")
    assert [problem.problem for problem in problems_of(folder)] == ["The file is empty."]


def test_the_digest_is_of_the_bytes(tmp_path: Path) -> None:
    first = load_registry(write_registry(tmp_path / "a")).digest()
    again = load_registry(write_registry(tmp_path / "b")).digest()
    other = load_registry(
        write_registry(tmp_path / "c", contests=GOOD["contests.csv"].replace(",Governor,", ",The Governor,"))
    ).digest()
    assert first == again
    assert len(first) == 64
    assert first != other
