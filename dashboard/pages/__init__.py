"""One module per page, each with its `routes`."""

from __future__ import annotations

from starlette.routing import BaseRoute

from dashboard.pages import (
    acting,
    admin,
    admin_exports,
    admin_files,
    admin_people,
    admin_publications,
    admin_review,
    changes,
    coverage,
    definitions,
    export,
    overview,
    quality,
    sharing,
    sign_in,
    statement,
    universes,
    voters,
)

ROUTES: list[BaseRoute] = [
    *sign_in.routes,
    *acting.routes,
    *overview.routes,
    *coverage.routes,
    *definitions.routes,
    *voters.routes,
    *universes.routes,
    *export.routes,
    *quality.routes,
    *changes.routes,
    *statement.routes,
    *sharing.routes,
    *admin.routes,
    *admin_exports.routes,
    *admin_files.routes,
    *admin_people.routes,
    *admin_publications.routes,
    *admin_review.routes,
]
