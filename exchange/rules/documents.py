"""Explanations and comparisons as plain values, for JSON: a field of the same name holds the same thing."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from exchange.rules.comparing import Comparison, Tally
from exchange.rules.explaining import PairExplained
from exchange.rules.judging import SUBJECTS
from exchange.rules.rows import RowExplained


def pair_document(told: PairExplained) -> dict[str, Any]:
    totals = {subject: plain(told.total(subject)) for subject in SUBJECTS}
    return {**plain(told.parties), **totals, "rules": plain(told.rules), "classes": plain(told.classes)}


def row_document(told: RowExplained) -> dict[str, Any]:
    parts = {part.name: plain(getattr(told, part.name)) for part in fields(told) if part.name != "parties"}
    return {
        **plain(told.parties),
        "is_shown": told.is_shown,
        "counts_for_reach": told.counts_for_reach,
        **parts,
    }


def comparison_document(told: Comparison) -> dict[str, Any]:
    return {
        "refresh_id": told.refresh_id,
        "today": told.today,
        "is_empty": told.is_empty,
        "audiences_before": told.audiences_before,
        "audiences_after": told.audiences_after,
        "below_limit_before": told.below_before,
        "below_limit_after": told.below_after,
        "pairs": [
            {"recipient": pair.recipient, "contributor": pair.contributor, "subject": pair.subject} | _tally(pair.tally)
            for pair in told.pairs
        ],
        **plain(told.changes),
    }


def plain(value: Any) -> Any:
    """Dataclasses and registry rows as dicts by field, sequences as lists; dates stay dates."""
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, UUID) else value


def _tally(tally: Tally) -> dict[str, Any]:
    reformed = [
        {"before": plain(before), "after": plain(after), "rows": rows}
        for (before, after), rows in tally.reformed.items()
    ]
    return {
        "before": tally.before,
        "after": tally.after,
        "gained": tally.gained,
        "lost": tally.lost,
        "reformed": reformed,
    }
