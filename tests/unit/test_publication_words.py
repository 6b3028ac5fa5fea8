"""What `exchange publication` refuses or says before it asks the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from typer.testing import CliRunner

from exchange.cli.publication import app, hold_in_words, overdue_in_words
from exchange.publishing import way_back
from exchange.publishing.acknowledgement import Acknowledged
from exchange.publishing.hold import Hold
from exchange.publishing.undo_log import Reason

THEN = datetime(2026, 10, 20, 15, tzinfo=UTC)


@pytest.mark.parametrize("arguments", [("diff", "2", "1"), ("diff", "2", "2"), ("diff", "1", "2", "--rows")])
def test_a_difference_without_a_direction_or_a_reader_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    """Would have caught `diff 12 11` that says: nothing differs."""
    assert CliRunner().invoke(app, list(arguments)).exit_code == 2


def test_every_reason_against_a_rollback_has_words() -> None:
    assert set(way_back.REASONS) == set(get_args(Reason))
    assert all("12" in words.format(floor=12) for words in way_back.REASONS.values())


def test_who_is_overdue_is_named_and_nobody_else() -> None:
    late = Acknowledged("late", 3, 1, THEN, 5, THEN)
    assert overdue_in_words([Acknowledged("in_time", 3, 1, THEN, 5, None)]) is None
    told = overdue_in_words([late, Acknowledged("in_time", 3, 1, THEN, 5, None)])
    assert told is not None and "late" in told and "in_time" not in told


def test_a_hold_says_how_it_ends() -> None:
    assert "exchange publication resume" in hold_in_words(Hold(5, 2, THEN, "somebody"))
