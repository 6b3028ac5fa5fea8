"""Saved universes against the database: what they mean today, put together as sets, and whose they are."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.app import create_app
from dashboard.explorer import domain, saving
from dashboard.pages import universes as page_of_universes
from tests.dashboard_exchange import OPERATOR, DashboardExchange, csrf_token, email, post, sign_in, site, sql_as
from tests.dashboard_pages import NOT_VOTED, matching, texts

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

PARTNER, OTHER = "pa_party", "lopez_for_governor"
SUPPORTERS = "office=governor&support=1&support=2"
DISTRUSTING = "office=governor&postal=3"


@pytest.fixture
def client(dashboard_exchange: DashboardExchange) -> Iterator[httpx.Client]:
    with site(dashboard_exchange) as made:
        sign_in(made, email(PARTNER))
        yield made
        with dashboard_exchange.connect_as_admin() as admin:
            admin.execute("delete from dashboard.universe")


def saved(client: httpx.Client, name: str, query: str, kind: str = "dynamic") -> int:
    """Save a universe as the page of voters does; its number."""
    answer = post(client, "/universes", "/universes", name=name, kind=kind, filter=query)
    assert answer.status_code == 303, answer.text
    found = re.search(r"[?&]in=(\d+)", answer.headers["Location"])
    assert found
    return int(found[1])


def total(client: httpx.Client, query: str) -> int:
    return matching(client.get(f"/voters?{query}"))


def counted(exchange: DashboardExchange, where: str, partner: str = PARTNER) -> int:
    return int(sql_as(exchange, partner, f"select count(*) as n from voters where {where}")[0]["n"])


def test_a_rule_is_counted_anew_and_a_list_stays(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    """The numbers of people whom nobody has asked yet change with every refresh; a list that was promised may not."""
    rule = saved(client, "Supporters", SUPPORTERS)
    fixed = saved(client, "Supporters of today", SUPPORTERS, "frozen")
    before = counted(dashboard_exchange, f"support_governor in (1, 2) and {NOT_VOTED}")
    assert total(client, f"office=governor&in={rule}") == total(client, f"office=governor&in={fixed}") == before > 20
    audience = dashboard_exchange.audience(PARTNER)
    with dashboard_exchange.connect_as_admin() as admin:
        for view in ("explorer", "voters"):
            changed = admin.execute(
                f"update published.{view}_{audience} set support_governor = 5 where person_id in (select person_id"
                f" from published.{view}_{audience} where support_governor in (1, 2) and {NOT_VOTED}"
                " order by person_id limit 7)"
            )
            assert changed.rowcount == 7
        # as a publication would
        admin.execute(
            "update published.audience_change set publication_count = publication_count + 1 where audience_id = %s",
            [_audience_id(dashboard_exchange, PARTNER)],
        )
    assert total(client, f"office=governor&in={rule}") == before - 7
    assert total(client, f"office=governor&in={fixed}") == before
    listed = texts(client.get("/universes"))
    assert f"Supporters Rule {before - 7} {before} " in listed
    assert f"Supporters of today Fixed list {before} {before} " in listed


def _audience_id(exchange: DashboardExchange, partner: str) -> int:
    with exchange.connect_as_admin() as admin:
        row = admin.execute("select audience_id from published.door where partner_id = %s", [partner]).fetchone()
    assert row
    return int(row["audience_id"])


# what is saved, and what it says over the view voters
PARTS = {
    "A": (SUPPORTERS, "support_governor in (1, 2)", "dynamic"),
    "B": (DISTRUSTING, "postal_service_trust = 3", "dynamic"),
    "C": ("office=governor&reach=us&reach=both&ballot=any", "reach in ('us', 'both')", "dynamic"),
    "D": ("office=governor&mail=1&mail=2", "vote_by_mail_comfort in (1, 2)", "frozen"),
}


def test_combinations_are_sets(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    """Would have caught `not` that is null for people without an answer, and drops them from both sides."""
    numbers, clauses = {}, {}
    for name, (query, clause, kind) in PARTS.items():
        numbers[name] = saved(client, name, query, kind)
        clauses[name] = f"({clause})" if "ballot=any" in query else f"({clause} and {NOT_VOTED})"
    # a rule that is made of two others, and used like any other
    numbers["E"] = saved(client, "E", urlencode([("in", numbers["A"]), ("not", numbers["B"]), ("office", "governor")]))
    clauses["E"] = f"({clauses['A']} and {clauses['B']} is not true and {NOT_VOTED})"

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        inside=st.sets(st.sampled_from(sorted(numbers)), max_size=2),
        outside=st.sets(st.sampled_from(sorted(numbers)), max_size=3),
        is_any=st.booleans(),
    )
    def agree(inside: set[str], outside: set[str], is_any: bool) -> None:
        # both is refused
        outside = outside - inside
        pairs: list[tuple[str, object]] = [
            *(("in", numbers[name]) for name in inside),
            *(("not", numbers[name]) for name in outside),
        ]
        parts = [*(clauses[name] for name in inside), *(f"{clauses[name]} is not true" for name in outside)]
        if is_any:
            pairs.append(("ballot", "any"))
        else:
            parts.append(NOT_VOTED)
        assert total(client, urlencode(pairs)) == counted(dashboard_exchange, " and ".join(parts) or "true")

    agree()


def test_opening_one_shows_all_of_it(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    """Who has voted is left out of the page unless asked for: of what was saved with them, none is missing."""
    answer = post(client, "/universes", "/universes", name="All of us", kind="dynamic", filter=PARTS["C"][0])
    assert "ballot=any" in answer.headers["Location"]
    shown = total(client, answer.headers["Location"].partition("?")[2])
    assert shown == counted(dashboard_exchange, PARTS["C"][1])
    assert f'href="{answer.headers["Location"].replace("&", "&amp;")}"' in client.get("/universes").text


def test_a_candidate_that_is_gone_is_nobodys(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    """Would have caught a rule that grows to everybody, or breaks every page, once a candidate's answers are gone."""
    everybody = total(client, "office=governor")

    def rule(query: str) -> int:
        """As it was saved before: today's page offers no such choice."""
        with dashboard_exchange.connect_as_admin() as admin:
            row = admin.execute(
                "insert into dashboard.universe (partner_id, name, kind, filter) values (%s, %s, 'dynamic', %s)"
                " returning universe_id",
                [PARTNER, query, query],
            ).fetchone()
        assert row
        return int(row["universe_id"])

    gone = rule("office=governor&candidate=gone&support=1")
    assert total(client, f"office=governor&in={gone}") == 0
    assert total(client, f"office=governor&not={gone}") == everybody
    assert "gone (no longer a choice)" in texts(client.get("/universes"))
    # an answer's code that the question no longer has
    assert total(client, f"office=governor&in={rule('office=governor&candidate=lopez&support=9')}") == 0
    # one of two is left
    left = rule("office=governor&candidate=gone&candidate=lopez")
    assert total(client, f"office=governor&in={left}") == total(client, "office=governor&candidate=lopez") > 0
    left = rule("office=governor&support=1&support=9")
    assert total(client, f"office=governor&in={left}") == total(client, "office=governor&support=1") > 0


def test_a_party_too_rare_for_a_box_still_counts(
    dashboard_exchange: DashboardExchange, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parties beyond the thirtieth have no box: a rule that named one before it fell behind means its people still."""
    parties = sql_as(
        dashboard_exchange,
        PARTNER,
        "select party from voters where party is not null group by party order by count(*) desc, party",
    )
    rare = parties[-1]["party"]
    assert len(parties) > 1
    rule = saved(client, "Of a party", f"office=governor&party={rare}")
    found = total(client, f"office=governor&in={rule}")
    monkeypatch.setattr(domain, "MOST_PARTIES", 1)
    with site(dashboard_exchange) as fresh:
        sign_in(fresh, email(PARTNER))
        assert fresh.get(f"/voters?party={rare}").status_code == 400
        assert total(fresh, f"office=governor&in={rule}") == found > 0


def test_universes_of_others_do_not_exist(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    number = saved(client, "Ours", SUPPORTERS, "frozen")
    with site(dashboard_exchange) as other:
        sign_in(other, email(OTHER))
        assert "Ours" not in other.get("/universes").text
        for path in (f"/voters?in={number}", f"/voters?not={number}", f"/export?in={number}", "/voters?in=999999999"):
            answer = other.get(path)
            assert answer.status_code == 404, path
            assert "Ours" not in answer.text
        token = csrf_token(other.get("/universes"))
        theirs = {"name": "Theirs", "kind": "dynamic", "filter": f"in={number}", "csrf_token": token}
        assert other.post("/universes", data=theirs).status_code == 404
        assert other.post(f"/universes/{number}/delete", data={"csrf_token": token}).status_code == 404
        assert other.post(f"/universes/{10**30}/delete", data={"csrf_token": token}).status_code == 404
        for value in ("x", "-1", "1e3", "9" * 19, "1' or true", "%00"):
            assert other.get("/voters", params={"in": value}).status_code == 400, value
    assert total(client, f"office=governor&in={number}") > 0


def test_what_cannot_be_saved_keeps_what_was_written(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(client, "Taken", SUPPORTERS)
    again = post(client, "/universes", "/universes", name=" Taken ", kind="frozen", filter=DISTRUSTING)
    assert again.status_code == 400
    assert "Your organization has saved one as “Taken”. Choose another name." in texts(again)
    assert f'name="filter" value="{DISTRUSTING.replace("&", "&amp;")}"' in again.text
    assert 'value="frozen" checked' in again.text
    assert "Trust in the Postal Service" in again.text
    nameless = post(client, "/universes", "/universes", name=" \u0007 ", kind="dynamic", filter=DISTRUSTING)
    assert (nameless.status_code, "Give it a name." in nameless.text) == (400, True)
    long = post(client, "/universes", "/universes", name="n" * 81, kind="dynamic", filter=DISTRUSTING)
    assert (long.status_code, "The name has 81 letters; it may have 80." in long.text) == (400, True)
    monkeypatch.setattr(page_of_universes, "MOST_PEOPLE", 20)
    many = post(client, "/universes", "/universes", name="Many", kind="frozen", filter=SUPPORTERS)
    assert many.status_code == 400
    assert re.search(r"\d+ match; a fixed list may hold 20. Add a filter, or save the filters instead.", texts(many))
    monkeypatch.setattr(saving, "MOST_SAVED", 1)
    full = post(client, "/universes", "/universes", name="Second", kind="dynamic", filter=SUPPORTERS)
    assert (full.status_code, "Delete one first." in full.text) == (400, True)
    for filter_, kind in (("support=9", "dynamic"), ("nonsense=1", "dynamic"), (SUPPORTERS, "list")):
        assert post(client, "/universes", "/universes", name="N", kind=kind, filter=filter_).status_code == 400


def test_what_others_are_made_of_stays(client: httpx.Client) -> None:
    """Would have caught a rule whose `not` meant nothing any more, once the list it named was deleted."""
    number = saved(client, "Called already", SUPPORTERS, "frozen")
    saved(client, "Still to call", f"office=governor&not={number}")
    refused = post(client, f"/universes/{number}/delete", "/universes")
    assert refused.status_code == 400
    assert "It is part of “Still to call”. Delete those first." in refused.text
    assert "It is not deleted" in texts(refused)
    rule = saved(client, "A list of what is left", f"office=governor&not={number}", "frozen")
    last = re.findall(r'action="/universes/(\d+)/delete"', client.get("/universes").text)
    assert [int(each) for each in last] == sorted(map(int, last), reverse=True)
    assert post(client, f"/universes/{int(last[1])}/delete", "/universes").headers["Location"] == (
        "/universes?done=deleted"
    )
    # a list is its people: how it came about may go
    assert post(client, f"/universes/{number}/delete", "/universes").status_code == 303
    assert total(client, f"office=governor&in={rule}") > 0
    assert f"a saved universe that is deleted (number {number})" in texts(client.get("/universes"))
    assert client.get(f"/voters?in={number}").status_code == 404


def test_one_question_is_made_of_few(client: httpx.Client) -> None:
    """Would have caught rules of rules, each written out wherever it is named: thirty make a million."""
    before = last = saved(client, "0", SUPPORTERS)
    for depth in range(1, 20):
        query = f"office=governor&in={last}&in={before}"
        answer = post(client, "/universes", "/universes", name=str(depth), kind="dynamic", filter=query)
        if answer.status_code == 400:
            break
        found = re.search(r"[?&]in=(\d+)", answer.headers["Location"])
        assert found
        before, last = last, int(found[1])
    assert 4 < depth < 12
    assert "too many saved universes" in answer.text
    # what was saved can be opened
    total(client, f"in={last}")


def test_rules_that_name_one_twice_stop_nobody(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    """Would have caught a chain of rules "in and not in the one before": each is twice as long in SQL, and writing
    twenty of them out kept everybody of every partner waiting.
    """
    last = saved(client, "0", SUPPORTERS)
    answer = client.get(f"/voters?in={last}&not={last}")
    assert (answer.status_code, "choose “in” or “not in” for each, not both" in answer.text) == (400, True)
    form = {"name": "1", "kind": "dynamic", "filter": f"in={last}&not={last}"}
    assert post(client, "/universes", "/universes", **form).status_code == 400
    with dashboard_exchange.connect_as_admin() as admin:
        # as they could be saved once
        for depth in range(1, 40):
            row = admin.execute(
                "insert into dashboard.universe (partner_id, name, kind, filter, person_count, as_of)"
                " values (%s, %s, 'dynamic', %s, 0, now()) returning universe_id",
                [PARTNER, str(depth), f"office=governor&in={last}&not={last}"],
            ).fetchone()
            assert row
            last = int(row["universe_id"])
    begun = time.monotonic()
    listed = client.get("/universes")
    refused = client.get(f"/voters?in={last}")
    assert time.monotonic() - begun < 10
    assert (listed.status_code, refused.status_code) == (200, 400)
    assert "too many saved universes" in refused.text
    # four rules of nobody are few enough, the next is not
    assert re.search(r"\b5 Rule open it to count 0 .*\b4 Rule 0 0 ", texts(listed))


def test_what_was_saved_with_ballots_is_put_together_with_them(
    dashboard_exchange: DashboardExchange, client: httpx.Client
) -> None:
    """Would have caught "Show": of 322 people who had voted, it led to none."""
    saved(client, "Not voted", SUPPORTERS)
    box = r'<input form="combine" type="checkbox" name="ballot" value="any"( checked)?>'
    found = re.search(box, client.get("/universes").text)
    assert found
    assert found[1] is None
    ballots = "ballot=returned&ballot=accepted&ballot=voted_in_person"
    number = saved(client, "Voted", f"office=governor&{ballots}")
    shown = client.get("/universes")
    found = re.search(box, shown.text)
    assert found
    assert found[1]
    everybody = counted(dashboard_exchange, f"{NOT_VOTED} is not true")
    assert f"Voted Rule {everybody} {everybody} " in texts(shown)
    # what the form sends
    assert total(client, f"in={number}&ballot=any") == everybody > 0
    assert total(client, f"in={number}") == 0


def test_people_of_a_list_are_counted_as_they_are_now(
    dashboard_exchange: DashboardExchange, client: httpx.Client
) -> None:
    """Would have caught the number of the day when it was saved, beside a link to fewer people."""
    rule = saved(client, "Rule", DISTRUSTING)
    fixed = saved(client, "List", DISTRUSTING, "frozen")
    before = total(client, f"office=governor&in={fixed}")
    assert f"List Fixed list {before} {before} " in texts(client.get("/universes"))
    audience = dashboard_exchange.audience(PARTNER)
    with dashboard_exchange.connect_as_admin() as admin:
        for view, codes in (("explorer", ", codes = codes & ~(7::bigint << 16) | (4::bigint << 16)"), ("voters", "")):
            changed = admin.execute(
                f"update published.{view}_{audience} set ballot_status = 'accepted'{codes} where person_id in (select"
                f" person_id from published.{view}_{audience} where postal_service_trust = 3 and {NOT_VOTED}"
                " order by person_id limit 3)"
            )
            assert changed.rowcount == 3
        admin.execute(
            "update published.audience_change set publication_count = publication_count + 1 where audience_id = %s",
            [_audience_id(dashboard_exchange, PARTNER)],
        )
    listed = client.get("/universes")
    assert f"List Fixed list {before - 3} {before} " in texts(listed)
    assert total(client, f"office=governor&in={fixed}") == total(client, f"office=governor&in={rule}") == before - 3


def test_lists_are_read_to_count_them_and_not_again(
    dashboard_exchange: DashboardExchange, client: httpx.Client
) -> None:
    """Would have caught the people of all fixed lists read with each view of the page: a hundred of 50,000."""
    saved(client, "List", SUPPORTERS, "frozen")
    saved(client, "Another", DISTRUSTING, "frozen")
    statements: list[str] = []
    with site(dashboard_exchange, create_app(dashboard_exchange.settings, statements.append)) as watched:
        sign_in(watched, email(PARTNER))
        first = watched.get("/universes")
        # a list by itself, so that few are in memory
        assert len([each for each in statements if "person_ids::text" in each]) == 2
        statements.clear()
        assert texts(watched.get("/universes")) == texts(first)
        assert statements
        assert not [each for each in statements if "person_ids" in each or "count(*) from explorer" in each]


def test_operators_look_and_change_nothing(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    number = saved(client, "Theirs", SUPPORTERS)
    with site(dashboard_exchange) as operator:
        sign_in(operator, OPERATOR)
        assert operator.get("/universes").headers["Location"] == "/admin"
        assert post(operator, "/admin/act-as", "/admin", partner_id=PARTNER).status_code == 303
        shown = operator.get("/universes")
        assert "Theirs" in shown.text
        assert "/delete" not in shown.text
        token = csrf_token(shown)
        assert operator.post(f"/universes/{number}/delete", data={"csrf_token": token}).status_code == 403
        mine = {"name": "Mine", "kind": "dynamic", "filter": SUPPORTERS, "csrf_token": token}
        assert operator.post("/universes", data=mine).status_code == 403
    assert total(client, f"office=governor&in={number}") > 0


def test_only_forms_of_ours_save(client: httpx.Client) -> None:
    form = {"name": "N", "kind": "dynamic", "filter": SUPPORTERS}
    assert client.post("/universes", data=form).status_code == 403
    assert client.post("/universes", data={**form, "csrf_token": "x"}).status_code == 403
    assert client.post("/universes/1/delete").status_code == 403
