"""In, out and from page to page, as different people: partners' staff, somebody without a password, operators."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.driving import PHONE, WIDE, Visits, audit, fits, sign_in
from tests.dashboard_exchange import AS_OF, OPERATOR, DashboardExchange, email, server, sql_as

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

LOPEZ = email("lopez_for_governor")
MENU = {
    "Overview": "Whom are we contacting, whom are we not?",
    "Voters": "Voters",
    "Coverage": "",
    "Files & quality": "Files & quality",
    "Sharing": "Sharing",
    "Changes": "Changes",
    "Statement": "Statement",
}


def test_a_wrong_password_says_nothing_about_who_has_an_account(visits: Visits) -> None:
    said = set()
    for who in (LOPEZ, "nobody@example.org"):
        page = visits.window()
        page.goto(f"{visits.url}/coverage")
        expect(page).to_have_url(re.compile(r"/sign-in\?next=/coverage$"))
        page.get_by_label("Email address").fill(who)
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Sign in").click()
        said.add(page.get_by_role("alert").inner_text())
        # the address need not be typed again, the password must be
        expect(page.get_by_label("Email address")).to_have_value(who)
        expect(page.get_by_label("Password")).to_have_value("")
        audit(page)
    assert len(said) == 1
    page = visits.window()
    page.goto(f"{visits.url}/coverage")
    sign_in(page, visits.url, LOPEZ)


def test_sign_in_leads_where_one_wanted_to_go_and_sign_out_ends_it_in_every_window(visits: Visits) -> None:
    page = visits.window()
    page.goto(f"{visits.url}/statement")
    page.get_by_label("Email address").fill(LOPEZ)
    page.get_by_label("Password").fill("correct horse battery staple")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{visits.url}/statement")
    other = page.context.new_page()
    other.goto(f"{visits.url}/voters?office=governor")
    page.get_by_label(re.compile("^Your account")).click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in**")
    # the other window asks for a part of its page, and is led to the sign-in page and back
    other.locator("label[for=f-support-1]").click()
    other.wait_for_url("**/sign-in?next=**")
    page.go_back()
    page.reload()
    expect(page).to_have_url(re.compile("/sign-in"))


def test_every_page_is_in_the_menu_and_says_which_it_is(visits: Visits) -> None:
    page = visits.open(LOPEZ)
    menu = page.get_by_role("navigation", name="Main")
    assert menu.get_by_role("link").all_inner_texts() == list(MENU)
    for label, heading in MENU.items():
        with page.expect_navigation():
            menu.get_by_role("link", name=label).click()
        expect(menu.get_by_role("link", name=label)).to_have_attribute("aria-current", "page")
        if heading:
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    with page.expect_navigation():
        page.get_by_role("link", name="What the words and codes mean").click()
    audit(page)


def test_the_keyboard_alone_skips_the_menu(visits: Visits) -> None:
    page = visits.open(LOPEZ)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    assert skip.is_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_menu_of_a_phone(visits: Visits) -> None:
    page = visits.open(LOPEZ, viewport=PHONE, has_touch=True)
    menu = page.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link", name="Coverage")).not_to_be_visible()
    menu.locator("summary").tap()
    fits(page)
    audit(page)
    with page.expect_navigation():
        menu.get_by_role("link", name="Coverage").tap()
    fits(page)


def test_numbers_of_the_overview_and_of_coverage_lead_to_their_people(visits: Visits) -> None:
    for start in ("/", "/coverage"):
        page = visits.open(LOPEZ, start)
        number = page.locator("a[href*='reach=nobody']").first
        with page.expect_navigation():
            number.click()
        assert "reach=nobody" in page.url
        expect(page.locator(".chips")).to_contain_text("Nobody")
        assert page.locator(".results-total strong").inner_text() != "0"


def test_what_others_see_of_ours(visits: Visits) -> None:
    page = visits.open(LOPEZ, "/sharing")
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile("^Preview as them")).first.click()
    expect(page).to_have_url(re.compile("/sharing/preview/"))
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        fits(page)
        audit(page)


def test_a_person_is_found_and_no_address_holds_the_name(visits: Visits, dashboard_exchange: DashboardExchange) -> None:
    [row] = sql_as(
        dashboard_exchange,
        "lopez_for_governor",
        "select person_id, name_key from explorer where name_key is not null order by person_id limit 1",
    )
    last_name = row["name_key"].split()[0]
    page = visits.open(LOPEZ, "/voters")
    page.get_by_role("searchbox", name=re.compile("^Find a person")).fill(last_name.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Find a person")
    expect(page.get_by_role("cell", name=row["person_id"], exact=True)).to_be_visible()
    assert last_name.lower() not in page.url.lower()
    audit(page)
    page.get_by_role("searchbox", name=re.compile("^Find a person")).fill("Nobody of this name")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nobody found.")).to_be_visible()
    audit(page)


def test_data_that_is_too_old_says_so(browser: Browser, dashboard_exchange: DashboardExchange) -> None:
    with server(dashboard_exchange, now=AS_OF + timedelta(days=3)) as url:
        visits = Visits(browser, url, {})
        page = visits.open(LOPEZ)
        expect(page.get_by_role("region", name="Age of the data")).to_contain_text("older than it should be")
        audit(page)
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size(PHONE)
        fits(page)
        audit(page)
        visits.close()


def test_which_of_my_files_was_refused_and_why(visits: Visits, dashboard_exchange: DashboardExchange) -> None:
    """By clicking only. The refusal is written into what is published: to refuse one takes a whole refresh."""
    with dashboard_exchange.connect_as_admin() as connection:
        [row] = connection.execute(
            """
            update published.my_files as file set status = 'refused', problem = 'Column “shoe size” is not known.',
                what_to_do = 'Take the column out.'
            where (audience_id, file_name) = (
                select audience_id, min(file_name) from published.my_files
                where audience_id = (select audience_id from published.door where partner_id = 'lopez_for_governor')
                group by audience_id
            )
            returning file_name
            """
        ).fetchall()
    page = visits.open(LOPEZ)
    page.get_by_role("link", name="Files & quality").click()
    section = page.locator("#refused")
    expect(section).to_contain_text("1 file was refused")
    for words in (row["file_name"], "shoe size", "Take the column out."):
        expect(section).to_contain_text(words)
    audit(page)


def test_an_operator_looks_at_a_partners_pages_and_can_take_nothing(visits: Visits) -> None:
    page = visits.open(OPERATOR, "/admin")
    with page.expect_navigation():
        page.get_by_role("button", name="Open the pages of Lopez for Governor").click()
    banner = page.get_by_role("region", name="Acting as operator")
    expect(banner).to_contain_text("Lopez for Governor")
    audit(page)
    with page.expect_navigation():
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Voters").click()
    with page.expect_navigation():
        page.get_by_role("link", name="Download a list").click()
    expect(page.get_by_text("Only people of the organization take lists of voters.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Take "))).to_have_count(0)
    page.goto(f"{visits.url}/changes")
    expect(page.get_by_role("button", name=re.compile("Acknowledge"))).to_have_count(0)
    with page.expect_navigation():
        banner.get_by_role("button", name="Back to admin").click()
    expect(page).to_have_url(f"{visits.url}/admin")
    expect(banner).to_have_count(0)


def test_an_operator_keeps_a_person_out(visits: Visits) -> None:
    person = visits.open(email("voter_voice"), "/voters")
    page = visits.open(OPERATOR, "/admin")
    with page.expect_navigation():
        page.get_by_role("navigation", name="Admin").get_by_role("link", name="People").click()
    page.get_by_label("People of").select_option("voter_voice")
    with page.expect_navigation():
        page.get_by_role("button", name="Show").click()
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("^Disable")).click()
    expect(page.get_by_role("row", name=re.compile("^voter_voice"))).to_contain_text("Disabled")
    audit(page)
    person.locator("label[for=f-reach-nobody]").click()
    person.wait_for_url("**/sign-in**")
    with page.expect_navigation():
        page.get_by_role("row", name=re.compile("^voter_voice")).get_by_role(
            "button", name=re.compile("^Let in")
        ).click()
    expect(page.get_by_role("row", name=re.compile("^voter_voice"))).to_contain_text("Yes")
