"""What every refresh adds to the audit."""

from __future__ import annotations

from exchange.audit.collect import Collected, collect
from exchange.audit.registry import audit_registry
from exchange.settings import Settings
from exchange.warehouse.connection import connect


def audit_refresh(settings: Settings) -> Collected:
    """Tell what changed in the registry as it was loaded, and take in what partners asked since the last refresh."""
    with connect(settings, "admin", autocommit=True) as conn:
        audit_registry(conn)
    return collect(settings)
