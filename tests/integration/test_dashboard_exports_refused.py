"""Before a list of voters is taken: who is left out is counted, and what nobody may take is refused in words."""

from __future__ import annotations

import httpx
import pytest

from dashboard.app import create_app
from tests.dashboard_exchange import OPERATOR, DashboardExchange, csrf_token, email, post, sign_in, site
from tests.dashboard_exports import PARTNER, PURPOSE, forget, ids, logged, opened, take
from tests.dashboard_pages import NOT_VOTED, texts

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


def test_a_list_is_refused_not_cut(dashboard_exchange: DashboardExchange, suppressed_people: None) -> None:
    everybody = len(ids(dashboard_exchange, NOT_VOTED))
    few = len(ids(dashboard_exchange, f"{NOT_VOTED} and not is_suppressed and support_governor = 1"))
    per_day = 2 * few + 5
    limited = dashboard_exchange.settings.model_copy(update={"export_limit": few, "exports_per_day": per_day})
    with site(dashboard_exchange, create_app(limited)) as client:
        sign_in(client, email(PARTNER))
        for answer, status in ((client.get("/export?office=governor"), 200), (take(client, "office=governor"), 400)):
            assert answer.status_code == status
            assert f"{everybody:,} match, " in texts(answer)
            assert f"of them must not be contacted; a list may hold {few}. Narrow it: add a filter" in texts(answer)
            assert 'action="/export"' not in answer.text
        assert logged(dashboard_exchange) == []
        for _ in range(2):
            people, _, _ = opened(take(client, "office=governor&support=1"))
            assert len(people) == few
        said = (
            f"Your organization has taken {2 * few:,} people in the last 24 hours and may take {per_day:,}: this list"
            f" would hold {few:,}, 5 are left."
        )
        refused = take(client, "office=governor&support=1")
        assert (refused.status_code, said in texts(refused)) == (400, True)
        assert said in texts(client.get("/export?office=governor&support=1"))
        assert len(logged(dashboard_exchange)) == 2
        with site(dashboard_exchange, create_app(limited)) as other:
            sign_in(other, email("lopez_for_governor"))
            assert "Your organization has taken" not in other.get("/export?office=governor&support=1").text
        with dashboard_exchange.connect_as_admin() as admin:
            admin.execute("update dashboard.export set begun_at = begun_at - interval '25 hours'")
        assert take(client, "office=governor&support=1").status_code == 200
    forget(dashboard_exchange)


def test_what_cannot_be_taken_is_said_before_the_form(export_client: httpx.Client) -> None:
    """Would have caught an order that is none: the form was shown, filled in and then refused."""
    for path in ("/export?sort=xx", "/export?office=governor&sort=--age"):
        answer = export_client.get(path)
        assert (answer.status_code, "People cannot be sorted by" in texts(answer)) == (400, True), path
    answer = post(export_client, "/export", "/export", kind="pdf", filter="office=governor", sort="", purpose=PURPOSE)
    assert (answer.status_code, "No list was taken" in texts(answer)) == (400, True)


def test_the_page_before_it_counts_who_is_left_out(
    dashboard_exchange: DashboardExchange, export_client: httpx.Client
) -> None:
    page = export_client.get("/export?office=governor&support=1&sort=-age")
    where = f"{NOT_VOTED} and support_governor = 1"
    matching, allowed = (
        len(ids(dashboard_exchange, where)),
        len(ids(dashboard_exchange, f"{where} and not is_suppressed")),
    )
    assert allowed < matching
    assert (
        f"Match {matching} Must not be contacted {matching - allowed} left out, always People in the file {allowed}"
        " at most 50,000"
    ) in texts(page)
    assert f"Take {allowed} people" in page.text
    assert 'name="sort" value="-age"' in page.text
    assert "An upload: one column, VANID" in texts(page)
    assert logged(dashboard_exchange) == []


def test_what_is_no_wish_is_refused(dashboard_exchange: DashboardExchange, export_client: httpx.Client) -> None:
    for purpose in ("", "calls", " " * 40, "x" * 201):
        answer = take(export_client, "office=governor&support=1", purpose=purpose)
        assert answer.status_code == 400
        assert "Say in 10 to 200 letters what the list is for." in answer.text
        assert "Strong support" in answer.text
    for query, kind, sort in (
        ("support=9", "csv", ""),
        ("nonsense=1", "csv", ""),
        ("office=governor", "own_rows", ""),
        ("office=governor", "xlsx", ""),
        ("office=governor", "csv", "person_id desc"),
    ):
        assert take(export_client, query, kind, sort).status_code == 400, (query, kind, sort)
    assert take(export_client, "in=999999").status_code == 404
    form = {"filter": "office=governor", "kind": "csv", "sort": "", "purpose": PURPOSE}
    assert export_client.post("/export", data=form).status_code == 403
    assert export_client.post("/export", data={**form, "csrf_token": "x"}).status_code == 403
    assert export_client.get("/export?support=9").status_code == 400
    assert logged(dashboard_exchange) == []


def test_operators_take_nothing(dashboard_exchange: DashboardExchange) -> None:
    with site(dashboard_exchange) as operator:
        sign_in(operator, OPERATOR)
        assert operator.get("/export").headers["Location"] == "/admin"
        token = csrf_token(operator.get("/admin"))
        form = {"filter": "office=governor", "kind": "csv", "sort": "", "purpose": PURPOSE, "csrf_token": token}
        assert operator.post("/export", data=form).status_code == 403
        assert post(operator, "/admin/act-as", "/admin", partner_id=PARTNER).status_code == 303
        assert 'action="/export"' not in operator.get("/export?office=governor&support=1").text
        assert operator.post("/export", data=form).status_code == 403
    assert logged(dashboard_exchange) == []


def test_each_partner_sees_its_own_lists(dashboard_exchange: DashboardExchange, export_client: httpx.Client) -> None:
    assert take(export_client, "office=governor&support=1").status_code == 200
    assert PURPOSE in export_client.get("/exports").text
    with site(dashboard_exchange) as other:
        sign_in(other, email("lopez_for_governor"))
        assert PURPOSE not in other.get("/exports").text
