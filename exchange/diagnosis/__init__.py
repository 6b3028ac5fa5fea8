"""What is wrong with this installation, and how to mend it. Looks only: starts nothing, writes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.diagnosis import dashboard, data, installation, shown_settings, warehouse
from exchange.diagnosis.finding import Finding
from exchange.diagnosis.shown_settings import SettingShown, settings_problems, settings_shown
from exchange.settings import Settings

__all__ = ["Finding", "SettingShown", "findings", "settings_problems", "settings_shown"]


def findings(settings: Settings) -> Iterator[Finding]:
    """Every check, in the order in which one would mend things."""
    yield from installation.python()
    yield from installation.packages()
    yield from shown_settings.environment()
    yield from warehouse.database(settings)
    yield from warehouse.tls(settings)
    yield from warehouse.access_log(settings)
    yield from warehouse.credentials(settings)
    yield from dashboard.address(settings)
    yield from dashboard.provider(settings)
    yield from installation.dbt_profile()
    yield from data.registry_and_inboxes(settings)
