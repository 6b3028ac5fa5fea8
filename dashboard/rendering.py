"""Pages from templates: the Jinja environment, how numbers and days are written, and what every page carries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from dashboard import charts
from dashboard.viewer import DataVersion, Viewer

TEMPLATES = Path(__file__).parent / "templates"
# two missed nights: partners should not plan a weekend on it without being told
STALE_AFTER = timedelta(hours=36)

PARTNER_PAGES = (
    ("/", "Overview"),
    ("/voters", "Voters"),
    ("/coverage", "Coverage"),
    ("/quality", "Files & quality"),
    ("/sharing", "Sharing"),
    ("/changes", "Changes"),
    ("/statement", "Statement"),
)


def number(value: int | float | None) -> str:
    """1234567 -> 1,234,567; nothing -> an en dash."""
    return "–" if value is None else f"{value:,}"


def percent(part: int | float | None, whole: int | float | None = 1) -> str:
    """Of a whole, in whole percents; what is more than nothing is never 0, and less than all never 100."""
    if part is None or not whole:
        return "–"
    share = 100 * part / whole
    if 0 < share < 1:
        return "< 1 %"
    if 99 < share < 100:
        return "> 99 %"
    return f"{share:.0f} %"


def day(value: date | None) -> str:
    """2026-10-05 -> 5 Oct 2026."""
    return "–" if value is None else f"{value.day} {value:%b %Y}"


def moment(value: datetime | None) -> str:
    """A UTC instant: 5 Oct 2026, 06:00 UTC."""
    if value is None:
        return "–"
    at = value.astimezone(UTC)
    return f"{day(at.date())}, {at:%H:%M} UTC"


def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        # a name that a page forgot to give is an error of ours, not an empty place
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {"number": number, "percent": percent, "day": day, "moment": moment}
    # geometry of the components' bars and lines; macros see globals, not a page's context
    env.globals["charts"] = charts
    return env


def navigation(path: str, viewer: Viewer | None) -> list[dict[str, Any]]:
    """Grain: one per page of the menu. Keys href, label, current."""
    if viewer is None:
        return []
    pages = PARTNER_PAGES if viewer.partner_id is not None else ()
    if viewer.is_operator:
        pages = (*pages, ("/admin", "Admin"))
    return [
        {"href": href, "label": label, "current": path == href or (href != "/" and path.startswith(f"{href}/"))}
        for href, label in pages
    ]


def is_fragment(request: Request) -> bool:
    """Whether HTMX asks for a part to put into the page, and not for the page itself."""
    asked = request.headers
    return asked.get("HX-Request") == "true" and asked.get("HX-History-Restore-Request") != "true"


def page(
    request: Request,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    version: DataVersion | None = None,
    status: int = 200,
) -> HTMLResponse:
    """A whole page, or a fragment: whatever the template is.

    version: of the partner's data that is on it (reader.version); without one the page shows no data and says so.
    """
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    now = request.app.state.settings.now()
    base = {
        "viewer": viewer,
        "partner_name": viewer.partner_name if viewer else None,
        "as_of": version.as_of if version else None,
        "published_at": version.published_at if version else None,
        "is_stale": version is not None and now - version.as_of > STALE_AFTER,
        "nav": navigation(request.url.path, viewer),
        "csrf_token": getattr(request.state, "csrf_token", ""),
        "path": request.url.path,
        "flash": request.query_params.get("done", "")[:40],
    }
    html = request.app.state.templates.get_template(template).render({**base, **(context or {})})
    return HTMLResponse(html, status_code=status)
