"""The registry and the folders its feeds are delivered to."""

from __future__ import annotations

import os
from collections.abc import Iterator

from exchange.diagnosis.finding import Finding
from exchange.errors import ExchangeError, Place
from exchange.registry import Registry, RegistryError, load_registry
from exchange.settings import Settings


def registry_and_inboxes(settings: Settings) -> Iterator[Finding]:
    """Every problem of the registry; the inboxes are looked at only when it has none."""
    try:
        registry = load_registry(settings.registry)
    except ExchangeError as error:
        for problem in error.problems if isinstance(error, RegistryError) else [error]:
            yield _registry_problem(problem)
        return
    count = f"{len(registry.partners)} partners, {len(registry.feeds)} feeds, {len(registry.sharing_rules)} rules"
    yield Finding("registry", "ok", f"{settings.registry}: {count}")
    yield from _inboxes(settings, registry)


def _registry_problem(problem: ExchangeError) -> Finding:
    place = problem.place
    where = place.file or ""
    if place.line is not None:
        where = f"{where}:{place.line}"
    said = ExchangeError(problem.problem, place=Place(column=place.column), expected=problem.expected, got=problem.got)
    return Finding("registry", "wrong", str(said), problem.remedy, where)


def _inboxes(settings: Settings, registry: Registry) -> Iterator[Finding]:
    missing = False
    for location in sorted({feed.location for feed in registry.feeds if "://" not in feed.location}):
        folder = settings.inbox / location
        if not folder.is_dir():
            missing = True
            yield Finding("inbox", "wrong", f"The inbox {folder} does not exist.", f"mkdir -p {folder}")
        elif not os.access(folder, os.R_OK | os.X_OK):
            missing = True
            yield Finding("inbox", "wrong", f"The inbox {folder} cannot be read.", f"chmod u+rx {folder}")
    if not missing:
        yield Finding("inbox", "ok", f"Every feed's folder is in {settings.inbox}")
