"""Sharing: terms, history and previews say what the rules of a partner do, and nothing of the rules of others."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from dashboard.cache import Cache
from dashboard.database import Database
from dashboard.sharing_preview import window
from dashboard.sharing_rules import history, in_words, partner_names, rules_now
from dashboard.viewer import Viewer
from dashboard.vocabulary import vocabulary
from tests.dashboard_exchange import AS_OF, DashboardExchange, email, sign_in, site, sql_as
from tests.dashboard_partner_pages import LOPEZ, PARTY, run_in_app, seen

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


def test_terms_are_those_of_the_view_and_no_other_rule_is_told(republished_exchange: DashboardExchange) -> None:
    """Would have told a rule of others in the history: who shares with a partner blind."""
    with republished_exchange.connect_as_admin() as admin:
        rules = {row["rule_id"] for row in admin.execute("select rule_id from registry.sharing_rules").fetchall()}
    for partner in republished_exchange.roles:
        terms = sql_as(republished_exchange, partner, "select * from sharing_terms")
        with site(republished_exchange) as client:
            sign_in(client, email(partner))
            page = client.get("/sharing")
        text = seen(page)
        for term in terms:
            assert term["term"] in text
        told = set(re.findall(r"\brule (r\d\d)\b", text))
        known = {term["rule_id"] for term in terms} - {None}
        assert known <= told <= rules
        for rule in told - known:
            assert concerns(republished_exchange, rule, partner), (partner, rule)


def concerns(exchange: DashboardExchange, rule_id: str, partner: str) -> bool:
    """Whether the partner is a contributor of the rule, by the database's own list of who a name means."""
    with exchange.connect_as_admin() as admin:
        found = admin.execute(
            """
            select
            from registry.sharing_rules as rules
            inner join sharing.party_members as members on rules.contributor = members.party
            where rules.rule_id = %s and members.partner_id = %s
            """,
            [rule_id, partner],
        ).fetchone()
    return found is not None


def test_rules_are_worded_as_the_terms_are(republished_exchange: DashboardExchange) -> None:
    """The audit's lines, replayed, are the rules in force, and the page's words those of the published terms."""

    async def read(database: Database, viewer: Viewer) -> None:
        app_words = await vocabulary(_App(database))  # type: ignore[arg-type]
        async with database.as_keeper() as keeper:
            names = await partner_names(keeper)
        for partner, role in republished_exchange.roles.items():
            async with database.as_keeper() as keeper:
                rules = rules_now(await history(keeper, Viewer(0, "", partner, partner, role, False)))
            shared = sql_as(republished_exchange, partner, "select * from sharing_terms where direction = 'i_share'")
            in_force = {rule.rule_id: rule for rule in rules.values() if rule.validity(AS_OF.date()) == "in_force"}
            assert in_force.keys() == {term["rule_id"] for term in shared}, partner
            for term in shared:
                rule = in_force[term["rule_id"]]
                assert in_words(rule, app_words, names) == term["term"]
                assert (rule.valid_from, rule.valid_until, rule.agreement) == (
                    term["since"],
                    term["until"],
                    term["agreement"],
                )

    run_in_app(republished_exchange, LOPEZ, read)


class _App:
    """As much of an application as the vocabulary needs."""

    def __init__(self, database: Database) -> None:
        self.state = self
        self.database = database
        self.cache = Cache()


def test_history_tells_what_changed_and_since_when(
    republished_exchange: DashboardExchange, lopez: httpx.Client
) -> None:
    page = lopez.get("/sharing")
    newest = re.findall(r"<details open>(.*?)</details>", page.text, re.DOTALL)
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", newest[0])).split())
    assert "2 changes" in text
    assert "Changed Was: You share answers about support for a candidate for governor" in text
    assert "7 days after the contact" in text.partition("Now:")[0]
    assert "14 days after the contact" in text.partition("Now:")[2]
    assert "New You do not share answers about comfort with voting by mail with every independent partner" in text
    assert "A promise" in text
    # others' pages know nothing of it
    with site(republished_exchange) as client:
        sign_in(client, email("voter_voice"))
        assert "A promise" not in seen(client.get("/sharing"))


def test_nobody_previews_a_rule_of_others(republished_exchange: DashboardExchange, lopez: httpx.Client) -> None:
    for rule in ("r03", "r08", "r12", "r16", "r19", "r18", "r01'--"):
        assert lopez.get(f"/sharing/preview/{quote(rule)}").status_code == 404, rule


def shown(page: httpx.Response, subject: str) -> int:
    """The preview's number."""
    found = re.search(rf"Of your {subject}, let out today ([\d,]+)", seen(page))
    assert found, page.text
    return int(found[1].replace(",", ""))


def test_contacts_previewed_are_those_that_they_see(
    republished_exchange: DashboardExchange, lopez: httpx.Client
) -> None:
    """Same ids and states on both sides, and contacts never cover each other: the number is exact."""
    columns = "person_id, state, channel, contact_result, contacted_from, contacted_until"
    query = f"select {columns}, count(*) as n from contacts where"
    mine = sql_as(republished_exchange, LOPEZ, f"{query} is_own group by {columns}")
    theirs = sql_as(republished_exchange, PARTY, f"{query} contributor = %s group by {columns}", [LOPEZ])
    assert _bag(mine) == _bag(theirs)
    assert shown(lopez.get("/sharing/preview/r02"), "contacts") == sum(row["n"] for row in theirs) > 100


def test_answers_previewed_are_those_that_they_see_where_nobody_covers_them(
    republished_exchange: DashboardExchange, lopez: httpx.Client
) -> None:
    """What the page says the number is not, and that it is nothing else."""
    key = "person_id, question_code, coalesce(contest_id, '') as contest, coalesce(candidate_id, '') as candidate"
    query = f"select {key}, answer_code, responded_from, responded_until, is_own, contributor from voter_responses"
    mine = {_key(row): row for row in sql_as(republished_exchange, LOPEZ, query)}
    theirs = {_key(row): row for row in sql_as(republished_exchange, PARTY, query)}
    previewed = {key for key, row in mine.items() if row["is_own"]}
    assert shown(lopez.get("/sharing/preview/r01"), "answers") == len(previewed)
    seen_there = {key for key, row in theirs.items() if row["contributor"] == LOPEZ}
    assert len(seen_there & previewed) > 50
    for each in seen_there & previewed:
        for column in ("answer_code", "responded_from", "responded_until"):
            assert theirs[each][column] == mine[each][column]
    # seen there and not previewed: somebody else's newer answer covers it here
    assert all(not mine[each]["is_own"] for each in seen_there - previewed)
    # previewed and not seen there: somebody else's covers it there
    assert all(theirs[each]["contributor"] != LOPEZ for each in previewed - seen_there)


def test_a_blurred_rule_shows_windows_and_what_is_withheld_is_left_out(
    republished_exchange: DashboardExchange, lopez: httpx.Client
) -> None:
    newest = AS_OF.date() - timedelta(days=30)
    [counted] = sql_as(
        republished_exchange,
        LOPEZ,
        "select count(*) filter (where responded_from <= %s) as shown,"
        " count(*) filter (where responded_from > %s) as later from voter_responses"
        " where is_own and question_code <> 'vote_by_mail_comfort'",
        [newest, newest],
    )
    page = lopez.get("/sharing/preview/r05")
    assert shown(page, "answers") == counted["shown"] > 0
    assert f"Later {counted['later']:,} " in seen(page)
    assert "another rule holds it back: You do not share answers about comfort with voting by mail" in seen(page)
    lines = re.findall(
        r'data-label="From">(.*?)</td>\s*<td[^>]*data-label="Until">(.*?)</td>\s*<td[^>]*data-label="Contributor">(.*?)</td>',
        page.text,
    )
    assert len(lines) == 20
    assert {blank for _, _, blank in lines} == {"(blank)"}
    assert {(start, end) for start, end, _ in lines} <= {
        ("1 Jan 2026", "28 Feb 2026"),
        ("1 Mar 2026", "30 Apr 2026"),
        ("1 May 2026", "30 Jun 2026"),
        ("1 Jul 2026", "31 Aug 2026"),
        ("1 Sep 2026", "31 Oct 2026"),
    }
    # no id of a person, neither ours nor theirs
    persons = sql_as(republished_exchange, LOPEZ, "select distinct person_id from voter_responses where is_own")
    assert not {row["person_id"] for row in persons} & set(re.findall(r"\w+", seen(page)))


def test_windows_are_those_of_the_views(republished_exchange: DashboardExchange) -> None:
    for row in sql_as(
        republished_exchange,
        "labor_table_pa",
        "select distinct responded_from, responded_until from voter_responses where not is_own",
    ):
        start, end = row["responded_from"], row["responded_until"]
        assert (start, end) in [window(start, precision) for precision in ("day", "month", "two_months")]


@pytest.mark.parametrize("precision", ["day", "month", "two_months"])
def test_windows_hold_their_days_and_leave_none_out(precision: str) -> None:
    on = date(2024, 1, 1)
    while on < date(2025, 3, 1):
        start, end = window(on, precision)
        assert start <= on <= end
        assert window(start, precision) == window(end, precision) == (start, end)
        assert window(end + timedelta(days=1), precision)[0] == end + timedelta(days=1)
        on += timedelta(days=1)


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("person_id", "question_code", "contest", "candidate"))


def _bag(rows: list[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
    return Counter({tuple(value for name, value in row.items() if name != "n"): row["n"] for row in rows})
