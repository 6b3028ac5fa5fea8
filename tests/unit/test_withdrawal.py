"""Which files a withdrawal means: the partner's own, told by digest, and never a guess."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from exchange.cli import app
from exchange.errors import ExchangeError
from exchange.intake.withdrawal import ContributedFile, chosen_files

TAKEN = datetime(2026, 10, 20, 15, tzinfo=UTC)


def delivered(
    file_id: int, partner_id: str, sha256: str, feed_id: str = "", withdrawn: bool = False
) -> ContributedFile:
    feed = feed_id or f"{partner_id}_feed"
    name = f"file_{file_id}.csv"
    at = TAKEN if withdrawn else None
    return ContributedFile(file_id, feed, partner_id, "generic_contacts", name, sha256, TAKEN, 3, 2, 1, at)


ALPHA, BETA = "alpha_for_house", "beta_action"
FILES = [
    delivered(1, ALPHA, "aaaaaaaa11" + "0" * 54),
    delivered(2, BETA, "bbbbbbbb22" + "0" * 54),
    delivered(3, ALPHA, "aaaaaaaa33" + "0" * 54),
    delivered(4, ALPHA, "cccccccc44" + "0" * 54, "alpha_doors"),
    delivered(5, ALPHA, "cccccccc44" + "0" * 54, "alpha_texts"),
    delivered(6, BETA, "aaaaaaaa11" + "0" * 54),
    delivered(7, ALPHA, "dddddddd55" + "0" * 54, withdrawn=True),
]


def chosen(partner_id: str, sha256: str | None) -> list[int]:
    return [file.file_id for file in chosen_files(FILES, partner_id, sha256)]


def test_without_a_digest_all_files_of_the_partner_are_meant() -> None:
    assert chosen(ALPHA, None) == [1, 3, 4, 5, 7]
    assert chosen(BETA, None) == [2, 6]
    assert chosen("nobody_yet", None) == []


def test_a_digest_means_the_partners_file_and_not_anothers_of_the_same_bytes() -> None:
    assert chosen(ALPHA, "aaaaaaaa11") == [1]
    assert chosen(BETA, "aaaaaaaa") == [6]


def test_the_same_bytes_in_two_feeds_are_one_file_and_a_withdrawn_one_is_known() -> None:
    assert chosen(ALPHA, "cccccccc") == [4, 5]
    assert chosen(ALPHA, "dddddddd") == [7]


def test_a_digest_that_begins_two_files_is_refused_and_both_are_named() -> None:
    with pytest.raises(ExchangeError) as refused:
        chosen(ALPHA, "aaaaaaaa")
    said = str(refused.value)
    assert "file_1.csv" in said and "file_3.csv" in said and "file_6.csv" not in said


@pytest.mark.parametrize(("sha256", "named"), [("bbbbbbbb", "file_2.csv"), ("99999999", "--list")])
def test_a_file_of_another_partner_or_of_nobody_is_refused(sha256: str, named: str) -> None:
    with pytest.raises(ExchangeError) as refused:
        chosen(ALPHA, sha256)
    said = str(refused.value)
    assert named in said and f"exchange withdraw --partner {ALPHA} --list" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--partner", "exchange", "--yes"], "name one of them"),
        (["--partner", ALPHA, "--file", "1234567"], "no sha256"),
        (["--partner", ALPHA, "--file", "contacts.csv"], "no sha256"),
        (["--partner", ALPHA, "--file", "a" * 65], "no sha256"),
        ([], "Missing option"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Told before anything is started: the folder stays empty."""
    monkeypatch.setenv("EXCHANGE_HOME", str(tmp_path))
    done = CliRunner().invoke(app, ["withdraw", *arguments])
    assert done.exit_code == 2
    assert said in " ".join(done.output.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []
