"""Definitions: what the words, codes, views and columns mean."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.figures.dictionary import read_dictionary
from dashboard.figures.kept import Figures
from dashboard.pages.partner_only import partner_only
from dashboard.rendering import page
from dashboard.vocabulary import vocabulary


@partner_only
async def definitions(request: Request) -> Response:
    viewer = request.state.viewer
    words = await vocabulary(request)
    async with request.app.state.database.as_partner(viewer) as reader:
        views = await read_dictionary(Figures(viewer, reader, request.app.state.cache, words))
        context = {
            "title": "What the words and codes mean",
            "views": views,
            "questions": [
                {"code": code, "label": label, "answers": words.answers.get(code, ())}
                for code, label in words.questions.items()
            ],
            "channels": words.channels,
            "results": words.contact_results,
            "offices": words.offices,
        }
        return page(request, "pages/definitions.html", context, version=reader.version)


routes = [Route("/definitions", definitions)]
