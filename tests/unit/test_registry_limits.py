"""give_to_get.csv: it may be missing; what is in it must mean somebody and be countable."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.registry import RegistryError, load_registry
from tests.registry_files import write_registry

HEADER = "partner,window_days,min_answers\n"


def problems(folder: Path, text: str) -> list[tuple[str, int | None, str | None, str]]:
    try:
        load_registry(write_registry(folder, give_to_get=text))
    except RegistryError as error:
        return [
            (Path(problem.place.file or "").name, problem.place.line, problem.place.column, problem.problem)
            for problem in error.problems
        ]
    return []


def test_without_the_file_nobody_has_a_limit(tmp_path: Path) -> None:
    assert load_registry(write_registry(tmp_path)).give_to_get == []
    assert problems(tmp_path, HEADER) == []


def test_a_limit_may_mean_partners_as_a_rule_does(tmp_path: Path) -> None:
    terms = ("*", "group:all", "group:coordinated", "group:independent", "group:mixed", "mail_votes")
    lines = "".join(f"{term},30,{number}\n" for number, term in enumerate(terms))
    registry = load_registry(write_registry(tmp_path, give_to_get=HEADER + lines + "mail_votes,365,100\n"))
    assert [limit.partner for limit in registry.give_to_get] == [*terms, "mail_votes"]
    assert registry.give_to_get[-1].window_days == 365
    assert registry.give_to_get[-1].min_answers == 100


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("partner,window_days,min_answers,why\n", 1, "why", "The column is unknown."),
        ("partner,window_days\n", 1, "min_answers", "The column is missing."),
        (HEADER + "nobody,30,10\n", 2, "partner", "not known"),
        (HEADER + "mail_votes,30,10\ngroup:nobodies,30,10\n", 3, "partner", "The group is not known."),
        (HEADER + "mail_votes,30,-1\n", 2, "min_answers", "cannot be understood"),
        (HEADER + "mail_votes,-30,1\n", 2, "window_days", "cannot be understood"),
        (HEADER + "mail_votes,0,1\n", 2, "window_days", "cannot be understood"),
        (HEADER + "mail_votes,36501,1\n", 2, "window_days", "cannot be understood"),
        (HEADER + "mail_votes,30,1.5\n", 2, "min_answers", "cannot be understood"),
        (HEADER + "mail_votes,30,\n", 2, "min_answers", "The cell is blank."),
        (HEADER + ",30,1\n", 2, "partner", "The cell is blank."),
        (HEADER + "mail_votes,30,1\nmail_votes,030,2\n", 3, "partner", "stand on line 2 already"),
        ("", 1, None, "The file is empty."),
    ],
)
def test_one_thing_wrong_is_one_problem_in_its_place(
    tmp_path: Path, text: str, line: int, column: str | None, says: str
) -> None:
    [(file, at, in_column, problem)] = problems(tmp_path, text)
    assert (file, at, in_column) == ("give_to_get.csv", line, column)
    assert says in problem


def test_a_link_that_leads_nowhere_is_a_missing_file(tmp_path: Path) -> None:
    """A limit that cannot be read must not be taken for none: it would show more."""
    folder = write_registry(tmp_path)
    (folder / "give_to_get.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(RegistryError, match="The file is missing"):
        load_registry(folder)


def test_the_digest_tells_a_limit_and_stays_what_it_was_without_one(tmp_path: Path) -> None:
    without = load_registry(write_registry(tmp_path / "a")).digest()
    assert load_registry(write_registry(tmp_path / "b")).digest() == without
    digests = {
        load_registry(write_registry(tmp_path / name, give_to_get=HEADER + line)).digest()
        for name, line in {"c": "", "d": "mail_votes,30,1\n", "e": "mail_votes,30,2\n"}.items()
    }
    assert len({without, *digests}) == 4
