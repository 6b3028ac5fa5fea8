"""The page of voters as people use it: by mouse and keyboard, back and forth, without JavaScript, to a list."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.driving import PHONE, Visits, audit, fits, focused, settled, sign_in
from tests.dashboard_exchange import DashboardExchange, email, sql_as

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

PARTNER = "lopez_for_governor"
LOPEZ = email(PARTNER)
NOT_VOTED = "coalesce(ballot_status, '') not in ('returned', 'accepted', 'voted_in_person')"


def number_in(text: str | None) -> int:
    found = re.search(r"\d[\d,]*", text or "")
    assert found, text
    return int(found[0].replace(",", ""))


def total(page: Page) -> int:
    """How many voters match, as the page says."""
    return number_in(page.locator(".results-total strong").text_content())


def counted(exchange: DashboardExchange, condition: str) -> int:
    """How many there are, as the database says to the partner."""
    [row] = sql_as(exchange, PARTNER, f"select count(*) as n from explorer where {NOT_VOTED} and ({condition})")
    return int(row["n"])


@pytest.fixture
def page(visits: Visits) -> Page:
    return visits.open(LOPEZ, "/voters?office=governor")


def test_a_facet_toggled_by_keyboard_keeps_focus_and_the_back_button_takes_it_back(
    page: Page, dashboard_exchange: DashboardExchange
) -> None:
    """Would have caught focus lost to the page's top with each click, which no audit of markup sees."""
    everybody = total(page)
    assert everybody == counted(dashboard_exchange, "true")
    box = page.locator("#f-support-1")
    told = number_in(page.locator("#f-support-1-n").text_content())
    box.focus()
    with settled(page):
        page.keyboard.press("Space")
    assert focused(page) == "f-support-1"
    assert total(page) == told == counted(dashboard_exchange, "support_governor = 1")
    assert "support=1" in page.url
    # on with the keyboard: the next answer of the same question
    page.keyboard.press("Tab")
    assert focused(page) == "f-support-2"
    with settled(page):
        page.keyboard.press("Space")
    assert focused(page) == "f-support-2"
    assert total(page) == counted(dashboard_exchange, "support_governor in (1, 2)")

    page.go_back()
    expect(page.locator("#f-support-2")).not_to_be_checked()
    expect(page.locator("#f-support-1")).to_be_checked()
    assert total(page) == told
    page.go_back()
    expect(page.locator("#f-support-1")).not_to_be_checked()
    assert total(page) == everybody
    page.go_forward()
    expect(page.locator("#f-support-1")).to_be_checked()
    # the address alone is the state
    address = page.url
    page.goto(address)
    assert total(page) == told


def test_every_choice_promises_what_it_shows(page: Page) -> None:
    """Each number beside a box is the total after it is ticked."""
    for choice in ("reach-nobody", "postal-3", "mail-0", "suppressed-no"):
        name, _, value = choice.partition("-")
        facet = page.locator(f"#facet-{name}")
        if not facet.evaluate("it => it.open"):
            facet.locator("summary").click()
        told = number_in(page.locator(f"#f-{name}-{value}-n").text_content())
        with settled(page):
            page.locator(f"label[for=f-{name}-{value}]").click()
        assert total(page) == told, choice
    page.get_by_role("link", name="Clear all").click()
    expect(page.get_by_role("link", name="Clear all")).to_have_count(0)


def test_how_many_strong_supporters_distrust_the_postal_service_and_nobody_has_asked_since_october(
    visits: Visits, dashboard_exchange: DashboardExchange
) -> None:
    """The way of docs/dashboard.md, by clicking only."""
    page = visits.open(LOPEZ)
    with page.expect_navigation():
        page.locator("a[href*='office=governor'][href*='support=1']").first.click()
    with settled(page):
        page.locator("label[for=f-postal-3]").click()
    page.locator("#facet-dates > summary").click()
    with settled(page):
        page.get_by_label("Not since").fill("2026-10-01")
        page.get_by_label("Not since").dispatch_event("change")
    candidate = page.locator("#facet-candidate input:checked").get_attribute("value")
    condition = f"""
        support_governor = 1 and support_governor_candidate = '{candidate}' and postal_service_trust = 3
        and coalesce(greatest(last_contact_us_on, last_contact_others_until) < '2026-10-01', true)
    """
    assert total(page) == counted(dashboard_exchange, condition)
    for words in ("Strong support", "Distrusts", "1 Oct 2026 by anyone"):
        expect(page.locator(".chips")).to_contain_text(words)


def test_a_cell_of_the_cross_tab_leads_to_its_people(page: Page) -> None:
    cells = page.locator("section:has(#crosstab-heading) tbody td a")
    cell = max(cells.all(), key=lambda one: number_in(one.text_content()))
    told = number_in(cell.text_content())
    with settled(page):
        cell.click()
    assert total(page) == told
    assert page.locator(".chips .chip").count() >= 2


def test_every_person_is_on_exactly_one_page(visits: Visits, dashboard_exchange: DashboardExchange) -> None:
    """Sorted by age, downwards, to the end and back."""
    [county] = sql_as(
        dashboard_exchange,
        PARTNER,
        f"""
        select county_fips as code, count(*) as people from explorer where {NOT_VOTED}
        group by county_fips having count(*) > 100 order by 2 limit 1
        """,
    )
    page = visits.open(LOPEZ, f"/voters?office=governor&county={county['code']}")
    with settled(page):
        page.get_by_role("columnheader", name="Age").get_by_role("link").click()
    with settled(page):
        page.get_by_role("columnheader", name="Age").get_by_role("link").click()
    assert page.get_by_role("columnheader", name="Age").get_attribute("aria-sort") == "descending"
    seen: list[str] = []
    pages = [_ids(page)]
    while page.get_by_role("link", name="Next 50").count():
        with settled(page):
            page.get_by_role("link", name="Next 50").click()
        pages.append(_ids(page))
    seen = [one for each in pages for one in each]
    assert len(seen) == len(set(seen)) == county["people"] == total(page)
    ages = [row["age"] for row in _ages(dashboard_exchange, seen)]
    assert ages == sorted(ages, reverse=True)
    with settled(page):
        page.get_by_role("link", name="Previous 50").click()
    assert _ids(page) == pages[-2]


def _ids(page: Page) -> list[str]:
    return page.locator("table.people tbody td.aside").all_inner_texts()


def _ages(exchange: DashboardExchange, ids: list[str]) -> Iterator[dict[str, int]]:
    query = "select person_id, 2026 - coalesce(birth_year, 2026) as age from explorer where person_id = any(%s)"
    by_id = {row["person_id"]: row for row in sql_as(exchange, PARTNER, query, [ids])}
    return (by_id[one] for one in ids)


def test_counties_are_counted_when_opened_and_found_by_typing(page: Page) -> None:
    facet = page.locator("#facet-county")
    facet.locator("summary").click()
    expect(page.locator("#list-county .choice-count").first).to_be_visible()
    name = page.locator("#list-county label").last.inner_text()
    box = page.locator("#s-county")
    if box.count():
        box.fill(name[:5])
        expect(page.locator("#list-county > li:visible")).not_to_have_count(page.locator("#list-county > li").count())
    row = page.locator("#list-county > li", has_text=name)
    told = number_in(row.locator(".choice-count").text_content())
    with settled(page):
        row.locator("label").click()
    assert total(page) == told
    expect(page.locator(".chips")).to_contain_text(name.split(",")[0])


def test_nobody_matches_and_the_way_back(visits: Visits) -> None:
    page = visits.open(LOPEZ, "/voters?office=governor&support=1&support=0&reach=nobody&last=7")
    expect(page.get_by_text("No one matches.")).to_be_visible()
    assert total(page) == 0
    audit(page)
    with settled(page):
        page.get_by_role("link", name=re.compile("^Last contact")).first.click()
    expect(page.get_by_text("No one matches.")).to_have_count(0)
    assert total(page) > 0


def test_a_universe_is_saved_opened_combined_and_deleted(page: Page) -> None:
    everybody = total(page)
    with settled(page):
        page.locator("label[for=f-support-1]").click()
    told = total(page)
    page.locator("#save-universe > summary").click()
    page.locator("#save-universe").get_by_label("Name").fill("Strong ones")
    with page.expect_navigation():
        page.locator("#save-universe").get_by_role("button", name="Save").click()
    expect(page.locator(".chips")).to_contain_text("Strong ones")
    assert total(page) == told

    with page.expect_navigation():
        page.get_by_role("link", name="Saved universes").click()
    row = page.get_by_role("row", name=re.compile("Strong ones"))
    expect(row).to_contain_text(f"{told:,}")
    audit(page)
    row.get_by_label("not in").check()
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("^Show who is in")).click()
    assert total(page) == everybody - told
    page.go_back()
    with page.expect_navigation():
        page.get_by_role("link", name="Strong ones").click()
    assert total(page) == told
    page.go_back()

    row = page.get_by_role("row", name=re.compile("Strong ones"))
    row.get_by_text("Delete", exact=True).click()
    audit(page)
    with page.expect_navigation():
        row.get_by_role("button", name="Delete it").click()
    expect(page.get_by_role("row", name=re.compile("Strong ones"))).to_have_count(0)


def test_a_list_is_taken_and_written_down(page: Page, dashboard_exchange: DashboardExchange) -> None:
    with settled(page):
        page.locator("label[for=f-support-1]").click()
    with page.expect_navigation():
        page.get_by_role("link", name="Download a list").click()
    audit(page)
    _take(page, dashboard_exchange, "Phone bank in Erie")
    page.goto(page.url.partition("/export")[0] + "/exports")
    expect(page.get_by_role("row", name=re.compile("Phone bank in Erie"))).to_contain_text("Whole")
    audit(page)


def _take(page: Page, exchange: DashboardExchange, purpose: str) -> None:
    """From the page before the file to the file."""
    page.get_by_label("Purpose").fill(purpose)
    with page.expect_download() as begun:
        page.get_by_role("button", name=re.compile("^Take ")).click()
    content = Path(begun.value.path()).read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        assert bundle.testzip() is None
        files = {name: bundle.read(name).decode("utf-8-sig") for name in bundle.namelist()}
    [listed] = [text for name, text in files.items() if name.endswith(".csv")]
    [beside] = [text for name, text in files.items() if not name.endswith(".csv")]
    people = counted(exchange, "support_governor = 1 and not is_suppressed")
    assert len(listed.splitlines()) == people + 1
    assert "Strong support" in beside and purpose in beside


def test_all_of_it_without_javascript(visits: Visits, dashboard_exchange: DashboardExchange) -> None:
    """Sign in, filter, turn the page, take the list."""
    page = visits.window(java_script_enabled=False)
    sign_in(page, visits.url, LOPEZ)
    with page.expect_navigation():
        page.get_by_role("link", name="Voters", exact=True).click()
    page.get_by_label("Office").select_option("governor")
    with page.expect_navigation():
        page.get_by_role("button", name="Show").first.click()
    everybody = total(page)
    first = _ids(page)
    with page.expect_navigation():
        page.get_by_role("link", name="Next 50").click()
    assert not set(first) & set(_ids(page))
    with page.expect_navigation():
        page.get_by_role("link", name="Previous 50").click()
    assert _ids(page) == first
    page.locator("label[for=f-support-1]").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Show").first.click()
    assert "support=1" in page.url
    assert total(page) == counted(dashboard_exchange, "support_governor = 1") < everybody
    with page.expect_navigation():
        page.get_by_role("link", name="Download a list").click()
    _take(page, dashboard_exchange, "Letters without scripts")


def test_on_a_phone_the_filters_are_folded_and_rows_are_cards(visits: Visits) -> None:
    page = visits.open(LOPEZ, "/voters?office=governor", viewport=PHONE, has_touch=True)
    assert not page.locator("#f-support-1").is_visible()
    fits(page)
    page.locator("#filters-fold > summary").tap()
    with settled(page):
        page.locator("label[for=f-support-1]").tap()
    fits(page)
    # still open after the swap, else each choice costs two taps
    assert page.locator("#f-support-1").is_visible()
    audit(page)


def test_a_partner_that_is_suspended_between_two_clicks_sees_nothing_more(
    visits: Visits, dashboard_exchange: DashboardExchange
) -> None:
    """Would have caught numbers that go on from a cache after the database has stopped."""
    page = visits.open(email("reyes_for_congress"), "/voters")
    expect(page.locator("main")).to_contain_text("voters match")
    dashboard_exchange.command("partner", "suspend", "reyes_for_congress")
    try:
        page.locator("label[for=f-support-1]").click()
        page.wait_for_url("**/sign-in**")
        assert page.locator(".results-total").count() == 0
    finally:
        dashboard_exchange.command("partner", "suspend", "reyes_for_congress", "--resume")
