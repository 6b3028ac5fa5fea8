"""Statement: how many answers the partner gave, to how many they were open, how many it received, what it earned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.database import Database, Reader
from dashboard.pages.partner_only import partner_only
from dashboard.rendering import page
from dashboard.vocabulary import Vocabulary, vocabulary

MONTHS = 12


@dataclass(frozen=True)
class Line:
    """Numbers of one month and question, or a sum of such."""

    label: str
    gave: int = 0
    offered: int = 0
    received: int = 0
    credits: Decimal = Decimal(0)


@dataclass(frozen=True)
class Month:
    on: date
    total: Line
    questions: Sequence[Line]


@partner_only
async def statement(request: Request) -> Response:
    """Twelve months of the statement, newest first; `before` is the month that the page begins below."""
    if unknown := set(request.query_params) - {"before", "done"}:
        raise HTTPException(400, f"There is no filter “{min(unknown)[:40]}”.")
    below = _month(request.query_params["before"]) if "before" in request.query_params else None
    words = await vocabulary(request)
    database: Database = request.app.state.database
    async with database.as_partner(request.state.viewer) as reader:
        version = reader.version
        sums = await _sums(reader)
        rows = await _rows(reader, below)
        limits = await reader.rows(
            """
            select term from sharing_terms
            where direction = 'i_receive' and starts_with(term, 'You receive what others share only while')
            order by term
            """
        )
    months = [_sum_up(on, list(lines), words) for on, lines in groupby(rows, key=lambda row: row["month_on"])]
    is_more = len(months) > MONTHS
    months = months[:MONTHS]
    context = {
        "total": _line("All months", sums),
        "questions": [_line(words.questions.get(row["question_code"], row["question_code"]), [row]) for row in sums],
        "months": months,
        "greatest": max((max(month.total.gave, month.total.received) for month in months), default=0),
        "limits": [row["term"] for row in limits],
        "older": months[-1].on if is_more else None,
        "newer": below is not None,
    }
    return page(request, "pages/statement.html", context, version=version)


async def _sums(reader: Reader) -> list[dict[str, Any]]:
    """Grain: one per question, over all months."""
    return await reader.rows(
        """
        select
            question_code,
            sum(gave)::bigint as gave,
            sum(offered)::bigint as offered,
            sum(received)::bigint as received,
            sum(credits) as credits
        from my_statement
        group by question_code
        order by question_code
        """
    )


async def _rows(reader: Reader, below: date | None) -> list[dict[str, Any]]:
    """The newest months that have any rows, and one more to tell that there is more."""
    return await reader.rows(
        """
        select month_on, question_code, gave, offered, received, credits
        from my_statement
        where month_on in (
            select distinct month_on from my_statement
            where month_on < coalesce(%s::date, 'infinity') order by month_on desc limit %s
        )
        order by month_on desc, question_code
        """,
        [below, MONTHS + 1],
    )


def _sum_up(on: date, rows: list[dict[str, Any]], words: Vocabulary) -> Month:
    lines = [_line(words.questions.get(row["question_code"], row["question_code"]), [row]) for row in rows]
    return Month(on, _line(f"{on:%B %Y}", rows), lines)


def _line(label: str, rows: list[dict[str, Any]]) -> Line:
    return Line(
        label,
        sum(row["gave"] for row in rows),
        sum(row["offered"] for row in rows),
        sum(row["received"] for row in rows),
        sum((row["credits"] for row in rows), Decimal(0)),
    )


def _month(text: str) -> date:
    try:
        month = date.fromisoformat(text)
    except ValueError:
        month = None
    if month is None or month.day != 1:
        raise HTTPException(400, f"“{text[:20]}” is no month: write its first day, as 2026-10-01.")
    return month


routes = [Route("/statement", statement)]
