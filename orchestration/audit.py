"""The audit's step. It waits for no gate and no publication, and neither waits for it."""

from dataclasses import asdict

import dagster as dg

from exchange.audit.refresh import audit_refresh
from orchestration.feeds import REFRESH_KEY
from orchestration.resources import Exchange

AUDIT_KEY = dg.AssetKey(["ops", "access_log"])


# not after the gate: until they are collected the statements' texts, which name people, lie on disk
@dg.asset(key=AUDIT_KEY, group_name="ops", kinds={"postgres"}, deps=[REFRESH_KEY])
def access_log(exchange: Exchange) -> dg.MaterializeResult:
    """Grain: one row per statement of a partner's login. Also tells what the last refresh changed in the registry."""
    return dg.MaterializeResult(metadata=asdict(audit_refresh(exchange.settings)))
