"""What crosses the sides is blind and coarser than a day, for every pair a rule could match."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.registry import RegistryError, load_registry
from tests.registry_files import GOOD, write_registry

HEADER = GOOD["sharing_rules.csv"].split("\n")[0] + "\n"


def rule(contributor: str, recipient: str, form: str, effect: str = "share", dates: str = ",") -> str:
    return f"r9,{effect},{contributor},{recipient},*,*,*,*,*,0,{form},{dates},\n"


def problems(folder: Path, text: str) -> list[tuple[str | None, str]]:
    try:
        load_registry(write_registry(folder, sharing_rules=HEADER + text))
    except RegistryError as error:
        return [(problem.place.column, problem.problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("contributor", "recipient", "form", "columns"),
    [
        ("pa_party", "mail_votes", "named,month", ["attribution"]),
        ("mail_votes", "pa_party", "blind,day", ["date_precision"]),
        ("mail_votes", "pa_party", "named,day", ["attribution", "date_precision"]),
        # inactive partners too: they may be activated without a new look at the rules
        ("door_group", "gov_campaign", "named,month", ["attribution"]),
        ("*", "mail_votes", "named,month", ["attribution"]),
        ("group:all", "group:all", "blind,day", ["date_precision"]),
        ("group:coordinated", "group:independent", "blind,day", ["date_precision"]),
        ("group:mixed", "pa_party", "blind,day", ["date_precision"]),
        ("group:soft", "group:hard", "named,two_months", ["attribution"]),
    ],
)
def test_refused(tmp_path: Path, contributor: str, recipient: str, form: str, columns: list[str]) -> None:
    found = problems(tmp_path, rule(contributor, recipient, form))
    assert [column for column, _ in found] == columns
    assert all("Rule r9" in text and " -> " in text for _, text in found)


@pytest.mark.parametrize(
    ("contributor", "recipient", "form"),
    [
        ("pa_party", "mail_votes", "blind,month"),
        ("*", "*", "blind,two_months"),
        ("group:coordinated", "gov_campaign", "named,day"),
        ("mail_votes", "door_group", "named,day"),
        # a partner's own rows are its own, whatever the form
        ("mail_votes", "mail_votes", "named,day"),
        # the exchange is on no side: its reference data is nobody's plan
        ("exchange", "*", "named,day"),
    ],
)
def test_allowed(tmp_path: Path, contributor: str, recipient: str, form: str) -> None:
    assert problems(tmp_path, rule(contributor, recipient, form)) == []


def test_withholding_shows_nothing_so_its_form_does_not_matter(tmp_path: Path) -> None:
    assert problems(tmp_path, rule("pa_party", "mail_votes", "named,day", effect="withhold")) == []


def test_a_rule_out_of_date_is_judged_too(tmp_path: Path) -> None:
    found = problems(tmp_path, rule("pa_party", "mail_votes", "named,month", dates="2020-01-01,2020-12-31"))
    assert [column for column, _ in found] == ["attribution"]


def test_many_pairs_are_one_problem_that_counts_them(tmp_path: Path) -> None:
    found = problems(tmp_path, rule("*", "*", "blind,day"))
    assert len(found) == 1
    assert "and 5 more pairs" in found[0][1]
