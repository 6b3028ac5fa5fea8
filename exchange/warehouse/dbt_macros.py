"""What the macros say, in one word: a changed macro rebuilds the models that follow changes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from exchange.settings import PROJECT_ROOT


def macros_variable(project: Path = PROJECT_ROOT) -> dict[str, str]:
    """What macros/incremental/following.sql reads: a digest of the name and text of every macro file."""
    folder = project / "macros"
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.sql")):
        # with lengths, so that no text can move from one file to the next unseen
        for part in (path.relative_to(folder).as_posix().encode(), path.read_bytes()):
            digest.update(len(part).to_bytes(8, "big") + part)
    return {"EXCHANGE_DBT_MACROS": digest.hexdigest()}
