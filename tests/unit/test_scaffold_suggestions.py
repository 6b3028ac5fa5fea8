"""Hints of `exchange map suggest`, the sealed documentation page, and who the exposures say uses what."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from exchange.errors import ExchangeError
from exchange.publishing.relations import VIEWS
from exchange.registry import load_registry
from exchange.scaffold.docs_page import sealed
from exchange.scaffold.suggestions import Unmapped, header, hint, map_line
from tests.project_copy import ROOT
from tests.registry_files import write_registry


def answer(question: str, reply: str, file_format: str = "generic_contacts") -> Unmapped:
    return Unmapped(file_format, "gov_campaign", "C77", question, reply, 3, date(2026, 9, 1), date(2026, 9, 2))


def test_a_line_has_the_columns_of_the_map_and_no_meaning() -> None:
    line = map_line(answer('Who, "really"?', "1"))
    assert line == 'generic_contacts,gov_campaign,C77,"Who, ""really""?",1,,,,,,'
    assert len(header().split(",")) == 11


def test_a_hint_is_the_nearest_of_the_same_format(tmp_path: Path) -> None:
    registry = load_registry(write_registry(tmp_path))
    found = hint(answer("Gov ID.", "1"), registry)
    assert found is not None
    assert (found.question_code, found.contest_id, found.source_question) == ("candidate_support", "gov26", "Gov ID")
    mail = hint(answer("Will you vote by mail??", "Sure!", "spoke_contacts"), registry)
    assert mail is not None and (mail.question_code, mail.answer_code) == ("vote_by_mail_comfort", 1)


def test_numbers_are_alike_or_not(tmp_path: Path) -> None:
    """299001 and 299002 are two questions; digits in common would be a false hint."""
    registry = load_registry(write_registry(tmp_path))
    assert hint(answer("299001", "1190001"), registry) is None


def test_the_page_may_load_nothing() -> None:
    head = '<!doctype html><html><head><meta charset="utf-8"><title>t</title>'
    page = sealed(head + '<link rel="canonical" href="/overview/"/><link rel="shortcut icon" href="x"/></head></html>')
    assert "connect-src 'none'" in page and "canonical" not in page and "shortcut" not in page
    with pytest.raises(ExchangeError, match="another form"):
        sealed("<html></html>")


def test_the_exposures_name_every_model_that_partners_read() -> None:
    """Would have caught a new view whose model nobody knows to be published."""
    exposures = yaml.safe_load((ROOT / "models" / "_exposures.yml").read_text())["exposures"]
    assert {exposure["name"] for exposure in exposures} == {"partner_views", "dashboard"}
    # made by publishing, not by a model
    models = {view.name for view in VIEWS} - {"data_dictionary", "changes"}
    shown = {name: "suppressions_shown" if name == "suppressions" else name for name in models}
    for exposure in exposures:
        assert exposure["owner"]["name"]
        assert set(exposure["depends_on"]) == {f"ref('{name}')" for name in shown.values()}
