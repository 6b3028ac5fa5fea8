"""What operators' pages have in common: who may see them, their menu, what they say before the first refresh."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dashboard.database import Reader
from dashboard.rendering import page
from dashboard.viewer import Viewer

MENU = (
    ("/admin", "Partners"),
    ("/admin/people", "People"),
    ("/admin/publications", "Publications"),
    ("/admin/files", "Files"),
    ("/admin/review", "Review"),
    ("/admin/exports", "Exports"),
)


def operator(request: Request) -> Viewer:
    """Raises HTTPException 403 for partners' people."""
    viewer: Viewer = request.state.viewer
    if not viewer.is_operator:
        raise HTTPException(HTTPStatus.FORBIDDEN, "Only the people who run the exchange see this page.")
    return viewer


async def is_refreshed(reader: Reader) -> bool:
    """Whether a refresh has built and published. Before, what most pages read is not there."""
    return bool(
        await reader.value(
            """
            select
                to_regclass('published.undo_floor') is not null
                and to_regclass('registry.partners') is not null
                and to_regclass('ops.ops_feed_status') is not null
            """
        )
    )


def admin_page(request: Request, template: str, context: dict[str, Any]) -> Response:
    """One of the operators' pages: pages/admin/{template}.html."""
    here = request.url.path
    menu = [
        {"href": href, "label": label, "current": here == href or (href != "/admin" and here.startswith(f"{href}/"))}
        for href, label in MENU
    ]
    return page(request, f"pages/admin/{template}.html", {"menu": menu, **context})


def not_refreshed(request: Request, title: str) -> Response:
    return admin_page(request, "not_refreshed", {"title": title})
