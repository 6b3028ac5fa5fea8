"""One module per page, each with its `routes`."""

from __future__ import annotations

from starlette.routing import BaseRoute

from dashboard.pages import acting, coverage, definitions, overview, sign_in, voters

ROUTES: list[BaseRoute] = [
    *sign_in.routes,
    *acting.routes,
    *overview.routes,
    *coverage.routes,
    *definitions.routes,
    *voters.routes,
]
