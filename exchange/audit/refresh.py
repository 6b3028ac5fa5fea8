"""What every refresh adds to the audit."""

from __future__ import annotations

from exchange.audit.collect import Collected, collect
from exchange.audit.registry import audit_registry
from exchange.settings import Settings
from exchange.warehouse.connection import connect


def audit_refresh(settings: Settings) -> Collected:
    """Take in what partners asked since the last refresh, and what one that published nothing changed in the registry.

    Needs nothing that a refresh builds.
    """
    audit_loaded_registry(settings)
    return collect(settings)


def audit_loaded_registry(settings: Settings) -> bool:
    """Tell what changed in the registry as it was loaded. Call before a publication by it. Whether anything did."""
    with connect(settings, "admin", autocommit=True) as conn:
        return audit_registry(conn)
