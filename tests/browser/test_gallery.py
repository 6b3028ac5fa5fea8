"""Every component in a real browser: accessible, inside a phone, obeying the security policy, whole without scripts.

Catches what an audit of markup cannot: a page wider than the phone, lost focus, a target too small for a thumb, a style
that the policy blocks. Pages come from the gallery; nothing is served over a network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.gallery import HERE, STATIC, pages

ORIGIN = "http://gallery.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
NAMES = ("gallery", "error", "stranger")
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return pages()


@pytest.fixture
def opened(browser: Browser, written: dict[str, str]) -> Iterator[Open]:
    """Opens a page of the gallery; any complaint of the browser or request elsewhere fails the test."""
    complaints: list[str] = []

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN).split("?")[0]
        name = path.strip("/")
        if not route.request.url.startswith(ORIGIN):
            complaints.append(f"asked elsewhere: {route.request.url}")
            route.abort()
        elif path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            route.fulfill(body=file.read_bytes(), headers={"content-type": TYPES[file.suffix]})
        elif name in written:
            headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": POLICY}
            route.fulfill(body=written[name], headers=headers)
        else:
            route.fulfill(status=500, body="")

    with ExitStack() as stack:

        def open_page(name: str = "gallery", *, is_unfolded: bool = False, **settings: Any) -> Page:
            context = browser.new_context(**{"viewport": WIDE, **settings})
            stack.callback(context.close)
            context.route("**/*", serve)
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(f"{ORIGIN}/{name}")
            if is_unfolded:
                page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
            return page

        yield open_page
        # the browser reports each refused request; tests ask for one on purpose
        assert [text for text in complaints if "status of 500" not in text and "/broken" not in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_inline_style_or_script_is_written(written: dict[str, str], name: str) -> None:
    assert " style=" not in written[name]
    assert "<style" not in written[name]
    assert written[name].count("<script") == written[name].count("<script src=") == 2


@pytest.mark.parametrize(
    ("name", "view", "scheme"),
    [
        *[("gallery", view, scheme) for view in (WIDE, PHONE) for scheme in ("light", "dark")],
        *[("error", WIDE, "light"), ("error", PHONE, "dark"), ("stranger", WIDE, "dark"), ("stranger", PHONE, "light")],
    ],
)
def test_audit_finds_nothing(opened: Open, name: str, view: dict[str, int], scheme: str) -> None:
    page = opened(name, viewport=view, color_scheme=scheme, is_unfolded=view is PHONE)
    page.evaluate((HERE / "vendor" / "axe.min.js").read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(broken["id"], [node["target"] for node in broken["nodes"][:3]]) for broken in found["violations"]] == []


@pytest.mark.parametrize("width", [1280, 640, 390, 320])
@pytest.mark.parametrize("name", NAMES)
def test_no_page_is_wider_than_its_window(opened: Open, name: str, width: int) -> None:
    """640 is a laptop at 200 % zoom, 320 at 400 %."""
    page = opened(name, viewport={"width": width, "height": 800}, is_unfolded=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("view", [WIDE, PHONE], ids=["wide", "phone"])
def test_targets_are_large_enough_for_a_thumb(opened: Open, view: dict[str, int]) -> None:
    """WCAG 2.2, 2.5.8: 24 by 24, or a link inside a sentence. A checkbox counts with its label, which fills its row."""
    page = opened(viewport=view, is_unfolded=True)
    small = page.evaluate(
        """[...document.querySelectorAll('a, button, summary, select, input:not([type=hidden])')]
        .filter(one => one.tabIndex >= 0 && one.checkVisibility() && !one.closest('p, .visually-hidden, .skip'))
        .map(one => [one.closest('.choice') ?? one, one])
        .map(([target, one]) => [target.getBoundingClientRect(), one.outerHTML.slice(0, 90)])
        .filter(([box]) => box.width < 24 || box.height < 24)
        .map(([box, html]) => `${box.width.toFixed(0)} x ${box.height.toFixed(0)} ${html}`)"""
    )
    assert small == []


def test_focus_is_always_seen(opened: Open) -> None:
    page = opened()
    steps = 0
    unseen = []
    while steps < 200:
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """(() => {
                const one = document.activeElement;
                if (one === document.body) return null;
                const rings = [one, one.closest('.choice')].filter(Boolean).map((it) => getComputedStyle(it));
                const shown = rings.some((it) => it.outlineStyle !== 'none' && parseFloat(it.outlineWidth) >= 2);
                return [shown, one.outerHTML.slice(0, 90)];
            })()"""
        )
        if seen is None:
            break
        steps += 1
        if not seen[0]:
            unseen.append(seen[1])
    assert steps > 50
    assert unseen == []


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_definition_shows_on_focus_and_on_hover(opened: Open, has_scripts: bool) -> None:
    page = opened(java_script_enabled=has_scripts)
    term = page.get_by_role("button", name="What is “Support”?")
    text = page.get_by_text("The newest answer that you may see, on a scale of five.")
    assert not text.is_visible()
    term.hover()
    assert text.is_visible()
    page.mouse.move(900, 700)
    assert not text.is_visible()
    term.focus()
    assert text.is_visible()
    assert term.get_attribute("aria-describedby") == text.get_attribute("id")


@pytest.mark.parametrize("view", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_definition_stands_beside_its_term_and_inside_the_window(opened: Open, view: dict[str, int]) -> None:
    page = opened(viewport=view, is_unfolded=True)
    for name, meaning in (
        ("What is “Support”?", "The newest answer that you may see"),
        ("Support for governor", "The newest answer that we may see"),
    ):
        term = page.get_by_role("button", name=name, exact=True)
        term.scroll_into_view_if_needed()
        term.focus()
        of_term, of_text = term.bounding_box(), page.get_by_text(meaning).bounding_box()
        assert of_term is not None and of_text is not None
        assert abs(of_text["y"] - of_term["y"] - of_term["height"]) < 12 or of_text["y"] < of_term["y"]
        assert of_text["x"] <= of_term["x"] + of_term["width"] and of_text["x"] + of_text["width"] >= of_term["x"]
        assert of_text["x"] >= 0 and of_text["x"] + of_text["width"] <= view["width"]


def test_a_definition_can_be_dismissed(opened: Open) -> None:
    page = opened()
    page.get_by_role("button", name="What is “Support”?").focus()
    page.keyboard.press("Escape")
    assert not page.get_by_text("The newest answer that you may see, on a scale of five.").is_visible()


def test_an_answer_is_chosen_by_keyboard_and_by_its_whole_row(opened: Open) -> None:
    page = opened()
    answer = page.get_by_role("checkbox", name="Undecided", exact=True)
    answer.focus()
    page.keyboard.press("Space")
    assert answer.is_checked()
    assert answer.get_attribute("id") == "f-support-3"
    row = page.locator("li.choice", has=answer).bounding_box()
    assert row is not None
    page.mouse.click(row["x"] + row["width"] - 8, row["y"] + row["height"] / 2)
    assert not answer.is_checked()


def test_a_long_list_is_narrowed_by_typing(opened: Open) -> None:
    page = opened()
    page.get_by_role("searchbox", name="Narrow the list of County").fill("lan")
    assert page.get_by_role("checkbox", name="Lancaster").is_visible()
    assert not page.get_by_role("checkbox", name="Philadelphia").is_visible()
    # what is chosen stays in sight, else somebody narrows and forgets it
    assert page.get_by_role("checkbox", name="Bucks").is_visible()


def test_without_scripts_nothing_is_missing_on_a_wide_screen(opened: Open) -> None:
    page = opened(java_script_enabled=False)
    assert page.get_by_role("link", name="Coverage").is_visible()
    assert page.get_by_role("checkbox", name="Undecided").is_visible()
    assert page.get_by_role("button", name="Show").is_visible()
    assert not page.get_by_role("searchbox", name="Narrow the list of County").is_visible()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_on_a_phone_menu_and_filters_open_by_touch(opened: Open, has_scripts: bool) -> None:
    page = opened(viewport=PHONE, has_touch=True, java_script_enabled=has_scripts)
    assert not page.get_by_role("link", name="Coverage").is_visible()
    assert not page.get_by_role("checkbox", name="Undecided").is_visible()
    page.get_by_text("Menu").tap()
    assert page.get_by_role("link", name="Coverage").is_visible()
    page.get_by_text("Filters", exact=True).tap()
    assert page.get_by_role("checkbox", name="Undecided").is_visible()


def test_the_account_menu_closes_and_gives_focus_back(opened: Open) -> None:
    page = opened()
    page.get_by_text("A", exact=True).click()
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="Sign out").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_print_shows_filters_in_force_and_leaves_the_frame_out(opened: Open) -> None:
    page = opened()
    page.emulate_media(media="print")
    assert page.get_by_text("Filters in force:").is_visible()
    assert page.get_by_text("Strong or lean support").is_visible()
    assert page.get_by_text("As of").is_visible()
    for name in ("Coverage", "Clear all"):
        assert not page.get_by_role("link", name=name).is_visible()
    assert not page.get_by_role("checkbox", name="Undecided").is_visible()


def test_reduced_motion_moves_nothing(opened: Open) -> None:
    page = opened(reduced_motion="reduce")
    page.evaluate("document.getElementById('progress').classList.add('htmx-request')")
    assert page.evaluate("getComputedStyle(document.getElementById('progress')).transitionProperty") == "none"


SWAP = "htmx.ajax('GET', '{path}', {{target: '#filters form', select: '#filters form', swap: 'outerHTML'}})"


def test_filters_sent_again_keep_focus_folds_and_words(opened: Open) -> None:
    """An answer clicked must not throw a reader back to the top of the page with every list closed."""
    page = opened()
    page.locator("#facet-postal > summary").click()
    page.locator("#facet-mail > summary").click()
    page.get_by_role("searchbox", name="Narrow the list of County").fill("er")
    page.locator("#f-support-3").focus()
    page.evaluate("document.getElementById('f-support-3').dataset.mark = 'before'")
    page.evaluate(SWAP.format(path="/gallery"))
    page.wait_for_function("!document.getElementById('f-support-3').dataset.mark")
    page.wait_for_function("document.getElementById('facet-postal').open")
    assert page.evaluate("document.activeElement.id") == "f-support-3"
    assert not page.evaluate("document.getElementById('facet-mail').open")
    assert page.get_by_role("searchbox", name="Narrow the list of County").input_value() == "er"
    assert not page.get_by_role("checkbox", name="Bucks").is_hidden()
    assert page.get_by_role("checkbox", name="Philadelphia").is_hidden()


def test_a_request_that_fails_is_said(opened: Open) -> None:
    """HTMX alone does nothing then: a reader would look at old numbers under new filters."""
    page = opened()
    page.evaluate(SWAP.format(path="/broken"))
    page.get_by_text("The exchange could not answer.").wait_for()
    assert page.get_by_role("status").get_by_role("link", name="Reload the page").is_visible()


def test_the_browser_keeps_no_copy_of_a_page(opened: Open) -> None:
    page = opened()
    page.evaluate(SWAP.format(path="/gallery"))
    page.wait_for_function("document.getElementById('f-support-3')")
    # the address of the page, which holds no names, is all that HTMX notes
    assert page.evaluate("Object.values({...sessionStorage, ...localStorage})") in ([], ["/gallery"])
