"""Matching: every contact finds its voter, or says honestly that it does not. State in Postgres, computed in DuckDB.

The steps of a refresh, in this order, each idempotent: sync_voters, sync_identities, ensure_model, make_matches.
Importing this package imports neither DuckDB nor Splink; the steps do when they are called.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from exchange.matching.results import (
    Export,
    IdentitySync,
    Import,
    MatchRun,
    ModelStatus,
    RulePrecision,
    VoterSync,
)

if TYPE_CHECKING:
    from exchange.matching.identities import sync_identities
    from exchange.matching.models import ensure_model
    from exchange.matching.predictions import write_predictions
    from exchange.matching.review_export import export_review
    from exchange.matching.review_import import import_review
    from exchange.matching.run import make_matches
    from exchange.matching.spine import sync_voters

_MODULES = {
    "ensure_model": "models",
    "export_review": "review_export",
    "import_review": "review_import",
    "make_matches": "run",
    "sync_identities": "identities",
    "sync_voters": "spine",
    "write_predictions": "predictions",
}
__all__ = [
    "Export",
    "IdentitySync",
    "Import",
    "MatchRun",
    "ModelStatus",
    "RulePrecision",
    "VoterSync",
    "ensure_model",
    "export_review",
    "import_review",
    "make_matches",
    "sync_identities",
    "sync_voters",
    "write_predictions",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
