"""Files & quality: what became of the partner's own files, which were refused and why, and how to mend it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard import own_files, own_rows
from dashboard.database import Database, Reader
from dashboard.keyset import PAGE_SIZE, place
from dashboard.own_files import Scorecard
from dashboard.own_rows_download import download
from dashboard.pages.partner_only import partner_only
from dashboard.rendering import number, page
from dashboard.viewer import Viewer
from dashboard.vocabulary import vocabulary

PAGING = ("after", "before")


@partner_only
async def quality(request: Request) -> Response:
    database: Database = request.app.state.database
    if unknown := set(request.query_params) - {*PAGING, "done"}:
        raise HTTPException(400, f"There is no filter “{min(unknown)[:40]}”.")
    where = place(request, "files")
    words = await vocabulary(request)
    async with database.as_partner(request.state.viewer) as reader:
        version = reader.version
        today = version.as_of.date()
        feeds = await own_files.feed_cards(reader, today)
        files = await own_files.page_of_files(reader, where)
        freshness = await _freshness(reader)
        refused = await own_files.refused_files(reader)
        worst = await own_files.worst_problems(reader)
    context = {
        "feeds": feeds,
        "files": files,
        "is_first_page": where.values is None,
        "page_size": PAGE_SIZE,
        "refused": refused,
        "refused_count": sum(feed.refused for feed in feeds),
        "withdrawn_count": sum(feed.withdrawn for feed in feeds),
        "card": sum((feed.card for feed in feeds), Scorecard()),
        "days": [f"{each.day} {each:%b}" for each in own_files.days(today)],
        "own": [_own_source(row, feeds, version.as_of) for row in freshness if row["is_own"]],
        "others": [
            {**row, "label": words.channel(row["source_kind"]), "hours": _age(row["newest_data_on"], today) * 24}
            for row in freshness
            if not row["is_own"]
        ],
        "last_published_at": freshness[0]["last_published_at"] if freshness else None,
        "worst": [
            {
                "problem": problem,
                "href": own_rows.url(problem.table, {"reason": problem.kind}),
                "line": shown_line(problem.example["line"]),
            }
            for problem in worst
        ],
    }
    return page(request, "pages/quality.html", context, version=version)


async def _freshness(reader: Reader) -> list[dict[str, Any]]:
    return await reader.rows("select * from freshness order by is_own desc, is_on_time, source_kind")


def _own_source(row: dict[str, Any], feeds: list[own_files.FeedCard], as_of: datetime) -> dict[str, Any]:
    """hours: since the last file of the feed that has waited longest. It is late, says the view, after target_hours."""
    last_files = [feed.last_file_at for feed in feeds if feed.file_format == row["source_kind"] and feed.last_file_at]
    hours = max(((as_of - last_file_at).total_seconds() / 3600 for last_file_at in last_files), default=None)
    is_late = hours is not None and row["target_hours"] is not None and hours > row["target_hours"]
    return {
        **row,
        "label": row["source_kind"].replace("_", " "),
        "hours": hours,
        # a feed of this kind that never delivered is late without an age
        "has_silent_feed": not row["is_on_time"] and not is_late,
    }


def _age(newest: Any, today: Any) -> int:
    """In days; a blurred window may end after today."""
    return max((today - newest).days, 0)


def shown_line(text: str) -> str:
    """A line of a file on one line of a page: tabs are visible, the line's end is not."""
    return text.rstrip("\r\n").replace("\t", " ⇥ ")


@partner_only
async def rows(request: Request) -> Response:
    """Rows that could not be read, or not be understood."""
    table = _table(request.path_params["table"])
    database: Database = request.app.state.database
    filters = own_rows.chosen(request.query_params.multi_items(), PAGING)
    where = place(request, f"{table.name} rows")
    async with database.as_partner(request.state.viewer) as reader:
        found = await own_rows.look(reader, table, filters)
        listed = await own_rows.page_of_rows(reader, table, filters, where)
        version = reader.version
    context = {
        "table": table,
        "filters": filters,
        "found": found,
        "listed": [{**row, "line": shown_line(row["line"])} for row in listed.rows],
        "selects": [
            {
                "name": name,
                "label": name.capitalize(),
                "options": [
                    {"value": "", "label": f"Every {name}"},
                    *(
                        {"value": choice.value, "label": f"{choice.value[:70]} ({number(choice.rows)})"}
                        for choice in found.choices[name]
                    ),
                ],
            }
            for name in own_rows.FILTERS
        ],
        "chips": [
            {
                "name": name.capitalize(),
                "text": value,
                "href": own_rows.url(table.name, {other: text for other, text in filters.items() if other != name}),
            }
            for name, value in filters.items()
        ],
        "clear_href": own_rows.url(table.name, {}),
        "previous": _link(table.name, filters, "before", listed.before),
        "next": _link(table.name, filters, "after", listed.after),
    }
    return page(request, "pages/own_rows.html", context, version=version)


def _link(table: str, filters: dict[str, str], direction: str, cursor: str | None) -> dict[str, str] | None:
    if cursor is None:
        return None
    label = f"{'Next' if direction == 'after' else 'Previous'} {PAGE_SIZE}"
    return {"href": own_rows.url(table, filters, **{direction: cursor}), "label": label}


@partner_only
async def download_rows(request: Request) -> Response:
    """The same rows as a file. A POST: it leaves a line in the log of exports."""
    viewer: Viewer = request.state.viewer
    if viewer.is_operator:
        raise HTTPException(403, "Only people of the organization take rows of its files.")
    form = await request.form()
    pairs = [(name, str(value)) for name, value in form.multi_items()]
    table = _table(str(form.get("table", "")))
    filters = own_rows.chosen(pairs, ("table", "csrf_token"))
    state = request.app.state
    return await download(
        state.database, viewer, table, filters, limit=state.settings.export_limit, places=state.export_places.reading
    )


def _table(name: str) -> own_rows.Table:
    if name not in own_rows.TABLES:
        raise HTTPException(404)
    return own_rows.TABLES[name]


routes = [
    Route("/quality", quality),
    Route("/quality/download", download_rows, methods=["POST"]),
    Route("/quality/{table}", rows),
]
