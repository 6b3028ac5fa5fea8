"""Sharing: what the partner shares and receives, how that came to be, and what a recipient gets of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard import sharing_rules
from dashboard.database import Database, Reader
from dashboard.pages.partner_only import partner_only
from dashboard.rendering import page
from dashboard.sharing_preview import EXAMPLES, preview
from dashboard.sharing_rules import Change, Limit, Rule
from dashboard.viewer import Viewer
from dashboard.vocabulary import Vocabulary, vocabulary

# refreshes that changed a rule; more than a year of them
HISTORY_SHOWN = 30


@partner_only
async def sharing(request: Request) -> Response:
    viewer: Viewer = request.state.viewer
    database: Database = request.app.state.database
    words = await vocabulary(request)
    async with database.as_keeper() as keeper:
        history = await sharing_rules.history(keeper, viewer)
        partners = await sharing_rules.partner_names(keeper)
    async with database.as_partner(viewer) as reader:
        version = reader.version
        terms = await _terms(reader)
    today = version.as_of.date()
    rules = sharing_rules.rules_now(history)
    shared = [term for term in terms if term["direction"] == "i_share"]
    told = {term["rule_id"] for term in shared}
    context = {
        "shared": [_shown_term(term, rules) for term in shared],
        "received": [term for term in terms if term["direction"] == "i_receive"],
        "waiting": [
            {**_shown(rule, words, partners), "validity": rule.validity(today)}
            for rule in rules.values()
            if rule.validity(today) != "in_force" and rule.rule_id not in told
        ],
        "history": [
            {"at": at, "changes": [_shown_change(change, words, partners) for change in changes]}
            for at, changes in groupby(history, key=lambda change: change.at)
        ][: -HISTORY_SHOWN - 1 : -1],
        "kept_since": history[0].at if history else None,
    }
    return page(request, "pages/sharing.html", context, version=version)


@partner_only
async def preview_rule(request: Request) -> Response:
    """What those get whom one of the partner's own rules means. Of any other rule there is no such page."""
    viewer: Viewer = request.state.viewer
    database: Database = request.app.state.database
    rule_id = request.path_params["rule_id"]
    words = await vocabulary(request)
    async with database.as_keeper() as keeper:
        rules = sharing_rules.rules_now(await sharing_rules.history(keeper, viewer))
    async with database.as_partner(viewer) as reader:
        version = reader.version
        today = version.as_of.date()
        terms = {term["rule_id"]: term for term in await _terms(reader) if term["direction"] == "i_share"}
        rule = rules.get(rule_id)
        if rule_id not in terms or rule is None or rule.effect != "share":
            raise HTTPException(404, "Your organization shares nothing by a rule of this name.")
        holding = [other for other in rules.values() if other.effect == "withhold" and other.rule_id in terms]
        in_full = [other for other in holding if other.holds_back_all_of(rule)]
        previews = await preview(reader, rule, in_full, today)
    context = {
        "rule": rule,
        "term": terms[rule_id],
        "previews": previews,
        "contributor": viewer.partner_name if rule.attribution == "named" else "",
        "words": words,
        "withheld": [terms[other.rule_id] for other in in_full],
        "partly": [terms[other.rule_id] for other in holding if other not in in_full],
        "examples_shown": EXAMPLES,
    }
    return page(request, "pages/sharing_preview.html", context, version=version)


async def _terms(reader: Reader) -> list[dict[str, Any]]:
    return await reader.rows(
        "select direction, rule_id, term, since, until, agreement from sharing_terms"
        " order by direction, term like 'You do not%', rule_id nulls last, term"
    )


def _shown_term(term: Mapping[str, Any], rules: Mapping[str, Rule]) -> dict[str, Any]:
    rule = rules.get(term["rule_id"])
    return {**term, "has_preview": rule is not None and rule.effect == "share"}


def _shown(one: Rule | Limit, words: Vocabulary, partners: Mapping[str, str]) -> dict[str, Any]:
    """As a term of sharing_terms."""
    told: dict[str, Any] = {"term": sharing_rules.in_words(one, words, partners)}
    for name in ("rule_id", "agreement"):
        told[name] = getattr(one, name, None)
    told["since"], told["until"] = _days(one)
    return told


def _days(one: Rule | Limit) -> tuple[date | None, date | None]:
    return (one.valid_from, one.valid_until) if isinstance(one, Rule) else (None, None)


def _shown_change(change: Change, words: Vocabulary, partners: Mapping[str, str]) -> dict[str, Any]:
    before = change.before and _shown(change.before, words, partners)
    after = change.after and _shown(change.after, words, partners)
    kind = "changed" if before and after else "began" if after else "ended"
    return {"kind": kind, "before": before, "after": after}


routes = [
    Route("/sharing", sharing),
    Route("/sharing/preview/{rule_id}", preview_rule),
]
