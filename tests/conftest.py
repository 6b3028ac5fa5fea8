"""Fixtures of several folders."""

from tests.dashboard_exchange import dashboard_exchange, dashboard_template
from tests.demo_exchange import demo_exchange, demo_template

__all__ = ["dashboard_exchange", "dashboard_template", "demo_exchange", "demo_template"]
