"""A copy of the registry for dbt, which must never get the registry itself.

dbt writes what it ran to `<target>/run/<project>/<path of the node>`; for a seed with an absolute path that is the seed's
own file, so `dbt build` would overwrite the registry with the text of an insert statement. The copy also keeps one
refresh consistent while somebody edits the registry.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from exchange.settings import Settings


def working_copy(settings: Settings) -> Path:
    """The folder dbt reads the registry from (its EXCHANGE_DBT_REGISTRY); may not exist yet."""
    return settings.home / "dbt" / "registry"


def write_working_copy(settings: Settings) -> Path:
    """Bring the copy up to date: before every dbt run, since dbt spoils it. Files no longer in the registry go."""
    copy = working_copy(settings)
    copy.mkdir(parents=True, exist_ok=True)
    sources = {source.name: source for source in sorted(settings.registry.glob("*.csv"))}
    for stale in copy.glob("*.csv"):
        if stale.name not in sources:
            stale.unlink()
    for name, source in sources.items():
        shutil.copyfile(source, copy / name)
    return copy
