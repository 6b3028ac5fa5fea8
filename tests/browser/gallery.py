"""The gallery: every component of the dashboard on one page, with invented numbers.

To look at it: `python -m tests.browser.gallery FOLDER` writes its pages and their static files.
"""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from dashboard.rendering import environment

HERE = Path(__file__).parent
STATIC = Path(__file__).parents[2] / "dashboard" / "static"
AS_OF = datetime(2026, 10, 15, 6, 0, tzinfo=UTC)

SUPPORT = ("Strong support", "Lean support", "Undecided", "Lean opposed", "Strongly opposed")
MAIL = ("Very comfortable", "Comfortable", "Neutral", "Uneasy", "Would not")
COUNTIES = [
    *(
        "Philadelphia",
        "Allegheny",
        "Montgomery",
        "Bucks",
        "Delaware",
        "Lancaster",
        "Chester",
        "York",
        "Berks",
        "Lehigh",
    ),
    *("Westmoreland", "Luzerne", "Northampton", "Erie", "Dauphin", "Cumberland", "Lackawanna", "Washington", "Butler"),
    *("Beaver", "Monroe", "Centre", "Schuylkill", "Cambria", "Blair", "Franklin", "Adams", "Fayette"),
]


def choices(param: str, labels: tuple[str, ...], counts: tuple[int, ...], selected: tuple[int, ...] = ()) -> list[Any]:
    colours = [f"support-{step}" if param == "support" else "" for step in range(1, len(labels) + 1)]
    found = [
        {"value": str(i), "label": label, "count": count, "is_selected": i in selected, "colour": colour}
        for i, (label, count, colour) in enumerate(zip(labels, counts, colours, strict=True), 1)
    ]
    return [*found, {"value": "0", "label": "Not asked", "count": 480_112, "is_selected": False, "is_unasked": True}]


def facets() -> list[dict[str, Any]]:
    counties = [
        {"value": str(42001 + 2 * i), "label": name, "count": 90_000 // (i + 1), "is_selected": i == 3}
        for i, name in enumerate(COUNTIES)
    ]
    support = choices("support", SUPPORT, (41_210, 22_005, 9_871, 4_100, 812), (1, 2))
    means = "The newest answer that you may see, on a scale of five."
    return [
        {"param": "support", "legend": "Support", "definition": means, "choices": support},
        {
            "param": "mail",
            "legend": "Comfort with voting by mail",
            "definition": "How a voter feels about voting by mail, as they said it.",
            "choices": choices("mail", MAIL, (21_000, 13_400, 8_000, 5_120, 0)),
            "is_open": True,
        },
        {
            "param": "county",
            "legend": "County",
            "choices": counties,
            "is_long": True,
            "note": "Where a voter is registered.",
        },
        {"param": "postal", "legend": "Trust in the postal service", "choices": choices("postal", MAIL[:3], (9, 5, 2))},
        {
            "param": "last",
            "legend": "Last contact by anyone",
            "is_single": True,
            "is_open": True,
            "choices": [
                {"value": value, "label": label, "count": None, "is_selected": value == ""}
                for value, label in (
                    ("", "Any time"),
                    ("7", "Within 7 days"),
                    ("older", "Over 90 days ago"),
                    ("never", "Never"),
                )
            ],
        },
    ]


def crosstab() -> dict[str, Any]:
    columns = [{"label": label, "total": 1_000 * i, "href": f"?mail={i}"} for i, label in enumerate(MAIL, 1)]
    columns.append({"label": "Not asked", "total": 48_000, "href": "?mail=0", "is_unasked": True})
    rows: list[dict[str, Any]] = []
    for i, label in enumerate((*SUPPORT, "Not asked")):
        values = [max(0, 9_300 - 2_150 * (i + j) + 700 * (i == j)) for j in range(5)] + [11_804 + 300 * i]
        cells = [
            {"value": value, "href": f"?support={i}&mail={j}", "is_selected": i == j == 1}
            for j, value in enumerate(values)
        ]
        rows.append(
            {"label": label, "total": sum(values), "href": f"?support={i}", "cells": cells, "is_unasked": i == 5}
        )
    return {
        "caption": "Support by comfort with voting by mail",
        "row_title": "Support",
        "column_title": "Comfort with voting by mail",
        "columns": columns,
        "rows": rows,
        "total": 133_370,
    }


def recency() -> dict[str, Any]:
    rows = [
        {
            "label": label,
            "cells": [{"value": (7 - i) * (j * 311 + 97) if i + j != 9 else 0, "href": "?"} for j in range(4)],
        }
        for i, label in enumerate(("Door", "Phone", "Text", "Email", "Mail", "Event", "Online"))
    ]
    return {
        "caption": "Contacts by channel and time",
        "row_title": "Channel",
        "column_title": "Newest contact",
        "columns": [{"label": label} for label in ("7 days", "30 days", "90 days", "Older")],
        "rows": rows,
    }


def context() -> dict[str, Any]:
    reach = (("us", "Us only", 117_204), ("both", "Us and others", 256_013), ("others", "Others only", 416_448))
    coverage = [
        {"label": label, "value": value, "href": f"/voters?reach={colour}", "colour": colour}
        for colour, label, value in (*reach, ("nobody", "Nobody", 210_335))
    ]
    counties = []
    for i, name in enumerate(COUNTIES[:9]):
        values = (7_400 - 600 * i, 12_000 - 900 * i, 15_500 - 1_200 * i, 3_000 + 900 * i if i != 2 else 0)
        parts = [{"value": value, "href": "/voters"} for value in values]
        counties.append({"label": name, "href": "/voters?county=1", "parts": parts})
    shares = [0.91, 0.82, 0.77, 0.64, 0.58, 0.51, 0.44, 0.41, 0.33, 0.26, 0.22, 0.12, 0.005, None]
    tiles = [
        {
            "label": f"{name} County",
            "short": name[:3].upper(),
            "share": shares[i % 14],
            "href": "/voters?county=1",
            "is_mostly_nobody": i % 14 in (11, 12),
        }
        for i, name in enumerate(COUNTIES)
    ]
    voters = [
        {
            "name": name,
            "county": COUNTIES[i],
            "age": 31 + 4 * i,
            "support": SUPPORT[i % 5],
            "colour": f"support-{i % 5 + 1}",
            "mail": MAIL[(i + 1) % 5],
            "reach": ("Us only", "Us and others", "Others only", "Nobody")[i % 4],
            "last": date(2026, 10, 14 - i) if i % 4 != 3 else None,
        }
        for i, name in enumerate(
            ("Abara, Nkem", "Bauer-Lindqvist, Maria Theresia", "Cho, Dan", "Diaz, Luz", "Eze, Ola", "Fay, Ann")
        )
    ]
    answers = list(zip(SUPPORT, (41_210, 22_005, 9_871, 4_100, 812), strict=True))
    bars = [
        {"label": label, "value": value, "href": "?", "colour": f"support-{i}"}
        for i, (label, value) in enumerate(answers, 1)
    ]
    unasked = {"label": "Not asked", "value": 480_112, "is_unasked": True}
    return {
        **frame("Gallery"),
        "facets": facets(),
        "chips_in_force": [
            {"name": "Support", "text": "Strong or lean support", "href": "?"},
            {"name": "County", "text": "Bucks", "href": "?"},
            {"name": "Not contacted", "text": "by anyone since 1 Oct 2026", "href": "?"},
        ],
        "voters": voters,
        "table": crosstab(),
        "recency": recency(),
        "coverage": coverage,
        "counties": counties,
        "tiles": tiles,
        "support": [*bars, unasked],
        "mail": [{"label": label, "value": 1_000 * (6 - i) ** 2, "is_selected": i == 2} for i, label in enumerate(MAIL)]
        + [unasked],
        "line": [3, 4, 4, 6, 5, 7, 9, 8, 8, 11, 10, 12, 9, 13],
        "broken_line": [9, 8, None, 4, None, 6, 5, None],
        "days": [f"{day} Oct" for day in range(1, 15)],
    }


def frame(title: str, *, is_known: bool = True, is_acting: bool = False, is_stale: bool = False) -> dict[str, Any]:
    """What every page is given (dashboard.rendering.page)."""
    pages = ("Overview", "Voters", "Coverage", "Files & quality", "Sharing", "Changes", "Statement")
    viewer = SimpleNamespace(
        email="ada@keystone.example", partner_id="keystone", is_operator=is_acting, is_acting=is_acting
    )
    return {
        "viewer": viewer if is_known else None,
        "partner_name": "Keystone Field Alliance" if is_known else None,
        "as_of": AS_OF if is_known else None,
        "published_at": AS_OF if is_known else None,
        "is_stale": is_stale,
        "nav": [
            {"href": f"/{label.lower()}", "label": label, "current": label == "Voters"} for label in pages if is_known
        ],
        "csrf_token": "token",
        "path": "/gallery",
        "flash": "saved" if is_stale else "",
        "is_fragment": False,
        "title": title,
    }


def gallery_environment() -> Environment:
    env = environment()
    assert env.loader is not None
    env.loader = ChoiceLoader([env.loader, FileSystemLoader(HERE)])
    return env


def pages() -> dict[str, str]:
    """HTML of each page of the gallery by its name."""
    env = gallery_environment()
    told = {"text": "The question was stopped after eight seconds.", "remedy": "Add a filter and try again."}
    error = env.get_template("pages/error.html")
    return {
        "gallery": env.get_template("gallery.html.jinja").render(context()),
        "error": error.render({**frame("This took too long", is_acting=True, is_stale=True), **told}),
        "stranger": error.render({**frame("Not allowed", is_known=False), **told}),
    }


def main() -> None:
    folder = Path(sys.argv[1])
    shutil.copytree(STATIC, folder / "static", dirs_exist_ok=True)
    for name, html in pages().items():
        (folder / f"{name}.html").write_text(html)


if __name__ == "__main__":
    main()
