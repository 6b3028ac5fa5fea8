"""The diff must find every kind of difference, and say it readably: a comparison that finds nothing proves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .comparison import differences, report
from .exchange import Views
from .small_exchange import SmallExchange, said


@pytest.fixture
def views(tmp_path: Path) -> Views:
    small = SmallExchange(tmp_path)
    small.rule()
    small.file("bob", said("1", "91", "pres", "2"), said("2", "92", "pres", "2"), said("3", "91", result="busy"))
    return small.views()["cat"]


def real(views: Views) -> dict[str, list[dict[str, Any]]]:
    """The same rows as a database would give them: its own contact ids."""
    ids = {row["contact_id"]: f"id-{number}" for number, row in enumerate(views["contacts"])}
    return {
        view: [row | {"contact_id": ids.get(row["contact_id"])} if "contact_id" in row else dict(row) for row in rows]
        for view, rows in views.items()
    }


def test_equal_views_differ_in_nothing(views: Views) -> None:
    assert differences("cat", views, real(views)) == []


def test_missing_extra_and_changed_rows_are_told(views: Views) -> None:
    actual = real(views)
    actual["voter_responses"][0]["answer_code"] = 3
    actual["contacts"].pop()
    actual["voters"].append(actual["voters"][0] | {"person_id": "stranger"})
    told = report(differences("cat", views, actual))
    assert "answer_code: expected 2, got 3" in told
    assert "cat.contacts: 1 missing" in told
    assert "extra:   person_id=stranger" in told


def test_a_response_must_join_to_its_own_contact(views: Views) -> None:
    actual = real(views)
    first, second = actual["voter_responses"]
    first["contact_id"], second["contact_id"] = (second["contact_id"], first["contact_id"])
    assert "contact_id: expected" in report(differences("cat", views, actual))
    first["contact_id"] = "nowhere"
    assert "is in no row of contacts" in report(differences("cat", views, actual))


def test_contact_ids_are_unique_and_shown_only_where_listed(views: Views) -> None:
    actual = real(views)
    actual["voter_responses"][0]["contact_id"] = None
    for row in actual["contacts"]:
        row["contact_id"] = "same"
    told = report(differences("cat", views, actual))
    assert "null or not unique" in told
    assert "got None" in told


def test_a_lacking_column_is_told_unless_it_is_optional_and_empty(views: Views) -> None:
    actual = real(views)
    for row in actual["voters"]:
        del row["first_name"], row["reach"]
    told = report(differences("cat", views, actual))
    assert "column reach is lacking" in told
    assert "first_name" not in told
