"""The fingerprint of the code that standardises, blocks, scores and decides: what other code made is stale."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

# What only moves, stores or prints rows. A module that is not named here counts: forgetting one costs a full run,
# the other way round old and new rows would mix unseen.
_STORE = {
    "__init__",
    "candidates",
    "decided",
    "deltas",
    "identities",
    "models",
    "plots",
    "predictions",
    "recipe",
    "results",
    "review",
    "review_export",
    "review_file",
    "review_import",
    "run",
    "scores",
    "session",
    "spine",
    "tables",
    "training",
    "transfer",
    "work",
}


@cache
def recipe() -> str:
    """16 hex digits; another value after an upgrade means: standardise, train and score everything once."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.iterdir()):
        # .csv: the nicknames; .json: the model to begin with
        if source.suffix in {".py", ".sql", ".csv", ".json"} and source.stem not in _STORE:
            digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    for package in ("duckdb", "splink"):
        digest.update(version(package).encode() + b"\0")
    return digest.hexdigest()[:16]
