"""What partners read about their views: the comments, and the view data_dictionary."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from exchange.publishing.dictionary import OWN_DESCRIPTIONS, for_partners
from exchange.publishing.relations import HIDDEN_COLUMNS, VIEWS

SHARING = Path(__file__).resolve().parents[2] / "models" / "sharing"
# the model behind a view of another name
MODELS = {"suppressions": "suppressions_shown"}
# what partners do not know: how the warehouse shares, and files that only operators have
UNKNOWN = re.compile(r"\b(audiences?|grain|publish adds|raw\.\w+|\w+\.csv)\b", re.IGNORECASE)


def described(view: str) -> dict[str | None, str]:
    """Column -> what its partners are told; None -> of the view. Empty where no model is behind it."""
    file = SHARING / f"{MODELS.get(view, view)}.yml"
    if not file.exists():
        return {}
    model: dict[str, Any] = yaml.safe_load(file.read_text())["models"][0]
    columns = {column["name"]: column["description"] for column in model["columns"]}
    shown = {name: told for name, told in columns.items() if name not in HIDDEN_COLUMNS}
    return {name: for_partners(told) for name, told in {None: model["description"], **shown}.items()}


@pytest.mark.parametrize("view", [relation.name for relation in VIEWS])
def test_partners_are_told_in_words_they_know(view: str) -> None:
    """Would have caught "one row per audience + person": a partner knows no audiences."""
    own = {column: for_partners(told) for (name, column), told in OWN_DESCRIPTIONS.items() if name == view}
    told = {**described(view), **own}
    assert told[None].startswith("One row per ")
    assert {column: text for column, text in told.items() if not text or UNKNOWN.search(text)} == {}
