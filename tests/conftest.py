"""Fixtures of several folders."""

from tests.dashboard_exchange import dashboard_exchange, dashboard_template
from tests.dashboard_exports import export_client, suppressed_people
from tests.dashboard_partner_pages import lopez, republished_exchange
from tests.dashboard_sign_in import fresh_browser, run_on_database, shared_browser
from tests.demo_exchange import demo_exchange, demo_template

__all__ = [
    "dashboard_exchange",
    "dashboard_template",
    "demo_exchange",
    "demo_template",
    "export_client",
    "fresh_browser",
    "lopez",
    "republished_exchange",
    "run_on_database",
    "shared_browser",
    "suppressed_people",
]
