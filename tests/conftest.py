"""Fixtures of several folders."""

from tests.dashboard_exchange import dashboard_exchange, dashboard_template

__all__ = ["dashboard_exchange", "dashboard_template"]
