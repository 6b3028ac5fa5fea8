"""Overview: whom are we contacting, whom are we not? Every number leads to the people it counts."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.explorer.facets import VOTED
from dashboard.figures.answers import Answers, Counts, read_answers
from dashboard.figures.charts import reach_parts
from dashboard.figures.kept import Figures, voters
from dashboard.figures.news import News, read_news
from dashboard.figures.reached import Group, reached, read_groups
from dashboard.pages.partner_only import partner_only
from dashboard.rendering import page
from dashboard.vocabulary import OFFICES, Vocabulary, vocabulary

# a state house has two hundred districts
MOST_CANDIDATES = 3
RELATION_LABELS = {"voter_responses": "Answers", "contacts": "Contacts", "suppressions": "Do not contact"}
CHANGES = ("added", "changed", "retracted")


@partner_only
async def overview(request: Request) -> Response:
    viewer = request.state.viewer
    office = request.query_params.get("office", "")
    if office and office not in OFFICES:
        raise HTTPException(400, f"There is no office “{office[:40]}”.")
    words = await vocabulary(request)
    async with request.app.state.database.as_partner(viewer) as reader:
        figures = Figures(viewer, reader, request.app.state.cache, words)
        groups = await read_groups(figures)
        answers = await read_answers(figures)
        news = await read_news(figures)
        version = reader.version
    numbers = reached(groups)
    context = {
        "title": "Whom are we contacting, whom are we not?",
        "reached": numbers,
        "parts": reach_parts(numbers, {}),
        **_left_out(groups),
        "offices": _offices(answers, words, numbers.total, office),
        "office": office,
        "definitions": {name: figures.facets[name].definition for name in ("reach", "support")},
        "questions": [
            _question(answers.questions["vote_by_mail_comfort"], "vote_by_mail_comfort", "mail", words, numbers.total),
            _question(
                answers.questions["postal_service_trust"], "postal_service_trust", "postal", words, numbers.total
            ),
        ],
        "changes": _changes(news),
        "news": news,
        "oldest": _source(news, words),
    }
    return page(request, "pages/overview.html", context, version=version)


def _left_out(groups: tuple[Group, ...]) -> dict[str, Any]:
    """Who has voted, whom Voters leaves out too; and whom nobody may contact, among the others."""
    return {
        "voted": sum(group.people for group in groups if group.has_voted),
        "voted_href": voters(ballot=VOTED),
        "suppressed": sum(group.people for group in groups if group.is_suppressed and not group.has_voted),
        "suppressed_href": voters(suppressed="yes"),
    }


def _offices(answers: Answers, words: Vocabulary, people: int, first: str) -> list[dict[str, Any]]:
    """Grain: one per office that anybody was asked about, the chosen one first, then most answers first.

    people: all who have not voted; whom nobody asked is the rest.
    """
    offices = sorted(answers.offices_by_answers, key=lambda office: office != first)
    return [
        {
            "office": office,
            "label": words.office(office),
            "candidates": [
                {
                    "label": words.candidate(candidate) if candidate else "Candidate not known",
                    "contest": _contest(candidate, words),
                    "asked": sum(answers.offices[office][candidate].values()),
                    "items": _support(answers.offices[office][candidate], office, candidate, words),
                }
                for candidate in answers.candidates(office)[:MOST_CANDIDATES]
            ],
            "more_candidates": max(0, len(answers.candidates(office)) - MOST_CANDIDATES),
            "more_href": voters(office=office),
            "not_asked": people - answers.asked(office),
            "not_asked_href": voters(office=office, support="0"),
        }
        for office in offices
    ]


def _contest(candidate: str | None, words: Vocabulary) -> str:
    """The same person may stand in a primary and in the election, and several districts have the same office."""
    known = words.candidates.get(candidate or "")
    return words.contest(known.contest_id) if known else ""


def _support(counts: Counts, office: str, candidate: str | None, words: Vocabulary) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "value": counts.get(code, 0),
            "colour": f"support-{code}",
            # no filter finds people whose answer is about nobody in particular
            "href": voters(office=office, candidate=candidate, support=str(code)) if candidate else "",
        }
        for code, label in words.answers["candidate_support"]
    ]


def _question(counts: Counts, question: str, parameter: str, words: Vocabulary, people: int) -> dict[str, Any]:
    """Bars over the people who were asked; who was not stands below them as text. people: all who have not voted."""
    asked = sum(counts.values())
    items: list[dict[str, Any]] = [
        {"label": label, "value": counts.get(code, 0), "href": voters(**{parameter: str(code)})}
        for code, label in words.answers[question]
    ]
    not_asked = {
        "label": "Not asked",
        "value": people - asked,
        "href": voters(**{parameter: "0"}),
        "is_unasked": True,
    }
    return {"label": words.questions[question], "asked": asked, "items": [*items, not_asked]}


def _changes(news: News) -> list[dict[str, Any]]:
    """Grain: one per kind of row that changed."""
    return [
        {"label": label, "counts": [news.changes[relation].get(change, 0) for change in CHANGES]}
        for relation, label in RELATION_LABELS.items()
        if relation in news.changes
    ]


def _source(news: News, words: Vocabulary) -> dict[str, Any] | None:
    """The source to worry about: the oldest of those that are late, else the oldest."""
    source = next(iter([*news.late, *news.sources]), None)
    if source is None:
        return None
    kind = source["source_kind"]
    name = kind.replace("_", " ").capitalize() if source["is_own"] else words.channel(kind)
    return {**source, "label": f"{name}, {'ours' if source['is_own'] else 'of others'}"}


routes = [Route("/", overview)]
