"""Sign-in by an organization's provider: who is let in by its word, and by whose word nobody is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from dashboard.app import create_app
from dashboard.oidc import Provider
from exchange.settings import Settings
from exchange.warehouse import accounts
from exchange.warehouse.bootstrap import administrator, bootstrap
from exchange.warehouse.connection import ensure_running
from exchange.warehouse.server import EmbeddedServer
from tests.dashboard_exchange import site
from tests.oidc_provider import CLIENT_ID, ISSUER, SECRET, FakeProvider
from tests.servers import fresh_settings

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]
EMAIL = "lopez_for_governor@example.org"
COOKIE, FLOW = "__Host-exchange_session", "__Host-exchange_flow"
HOME = "https://voters.example"
REFUSAL = "do not let you in"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An exchange that never refreshed: signing in needs accounts only."""
    made = fresh_settings(
        tmp_path_factory.mktemp("oidc"),
        dashboard_url=HOME,
        oidc_issuer=ISSUER,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=SecretStr(SECRET),
    )
    try:
        ensure_running(made)
        bootstrap(made)
        with administrator(made) as admin:
            accounts.add_account(admin, EMAIL, "lopez_for_governor", "a password nobody types")
            accounts.add_account(admin, "gone@example.org", "lopez_for_governor", "a password nobody types")
            accounts.set_disabled(admin, "gone@example.org", True)
        yield made
    finally:
        EmbeddedServer(made).stop()


class Browser:
    """A person's browser before our site, and the provider it is sent to."""

    def __init__(self, client: httpx.Client, app: Any) -> None:
        self.client = client
        self._app = app
        self.use(FakeProvider())

    def use(self, provider: FakeProvider) -> FakeProvider:
        self.provider = provider
        self.client.cookies.clear()
        self._app.state.provider = Provider(ISSUER, CLIENT_ID, SECRET, provider.transport())
        return provider

    def to_provider(self, following: str = "/") -> str:
        """The query that the provider sends the person back with."""
        sent = self.client.get("/sign-in/organization", params={"next": following})
        assert sent.status_code == 303, sent.text
        return self.provider.authorize(sent.headers["Location"])

    def back(self, query: str) -> httpx.Response:
        # a navigation that the provider's site began
        headers = {"Sec-Fetch-Site": "cross-site", "Referer": ISSUER}
        return self.client.get(f"/sign-in/callback?{query}", headers=headers)

    def sign_in(self, following: str = "/") -> httpx.Response:
        return self.back(self.to_provider(following))


@pytest.fixture(scope="module")
def whole(settings: Settings) -> Iterator[Browser]:
    app = create_app(settings)
    with site(settings, app) as client:  # type: ignore[arg-type]
        client.base_url = httpx.URL(HOME)
        yield Browser(client, app)


@pytest.fixture
def browser(whole: Browser) -> Browser:
    whole.use(FakeProvider())
    return whole


@contextmanager
def refused(browser: Browser) -> Iterator[list[httpx.Response]]:
    """What is appended must be the one refusal, and leave no session behind."""
    answers: list[httpx.Response] = []
    yield answers
    for answer in answers:
        assert answer.status_code == 403 and REFUSAL in answer.text
        # what was kept for the provider's answer holds once
        assert FLOW not in browser.client.cookies
    assert COOKIE not in browser.client.cookies


def test_a_person_with_an_account(browser: Browser) -> None:
    assert "Sign in with your organization" in browser.client.get("/sign-in?next=/coverage").text
    done = browser.sign_in("/voters?support=1")
    assert (done.status_code, done.headers["Location"]) == (303, "/voters?support=1")
    assert browser.provider.asked["redirect_uri"] == f"{HOME}/sign-in/callback"
    assert COOKIE in browser.client.cookies and FLOW not in browser.client.cookies
    # signed in: the form leads away
    assert browser.client.get("/sign-in").status_code == 303


def test_addresses_differ_in_case_only(browser: Browser) -> None:
    browser.provider.claims = {"email": "Lopez_for_Governor@Example.org"}
    assert browser.sign_in().status_code == 303


def test_nobody_is_sent_elsewhere_after(browser: Browser) -> None:
    assert browser.sign_in("https://evil.example/").headers["Location"] == "/"


@pytest.mark.parametrize(
    "faults",
    [
        {"claims": {"email": "nobody@example.org"}},
        {"claims": {"email": "gone@example.org"}},
        {"claims": {"email_verified": False}},
        {"claims": {"email_verified": None}},
        {"claims": {"email_verified": "yes"}},
        {"claims": {"email": ["lopez_for_governor@example.org"]}},
        {"claims": {"email": None}, "userinfo": {"email": EMAIL}},
        {"claims": {"email": None}, "userinfo": {"email": EMAIL, "email_verified": True, "sub": "person-8"}},
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"aud": "another-client"}},
        {"claims": {"aud": "another-client", "azp": CLIENT_ID}},
        {"claims": {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"}},
        {"claims": {"aud": None}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"iss": None}},
        {"claims": {"exp": 1_700_000_000}},
        {"claims": {"exp": None}},
        {"claims": {"sub": None}},
        {"signs_with": "nothing"},
        {"signs_with": "the secret"},
        {"signs_with": "its public key"},
        {"signs_with": "another key"},
    ],
    ids=str,
)
def test_by_whose_word_nobody_is_let_in(browser: Browser, faults: dict[str, Any]) -> None:
    browser.use(FakeProvider(**faults))
    with refused(browser) as answers:
        answers.append(browser.sign_in())


def test_some_providers_tell_the_address_only_when_asked(browser: Browser) -> None:
    browser.use(
        FakeProvider(
            claims={"email": None, "email_verified": None},
            userinfo={"email": EMAIL, "email_verified": True},
            about={"token_endpoint_auth_methods_supported": ["client_secret_post"]},
        )
    )
    assert browser.sign_in().status_code == 303


def test_an_answer_that_nobody_asked_for(browser: Browser) -> None:
    """Would have caught a sign-in as somebody else by a link: the attacker's own code in the victim's browser."""
    theirs = browser.to_provider()
    with refused(browser) as answers:
        browser.client.cookies.clear()
        answers.append(browser.back(theirs))
        mine = browser.to_provider()
        answers.append(browser.back(theirs))
        # the refusal ended the one that had begun
        answers.append(browser.back(mine))


def test_an_answer_holds_once(browser: Browser) -> None:
    query = browser.to_provider()
    assert browser.back(query).status_code == 303
    browser.client.cookies.clear()
    with refused(browser) as answers:
        answers.append(browser.back(query))


def test_what_the_browser_keeps_cannot_be_made_up(browser: Browser) -> None:
    query = browser.to_provider()
    sealed = browser.client.cookies[FLOW]
    with refused(browser) as answers:
        for forged in ("", "x", "e30=.x", sealed[:-1], f"{sealed}x"):
            browser.client.cookies.set(FLOW, forged, domain="voters.example")
            answers.append(browser.back(query))
            browser.client.cookies.clear()


def test_the_provider_says_no(browser: Browser) -> None:
    state = browser.to_provider().partition("state=")[2]
    with refused(browser) as answers:
        answers.append(browser.back(f"error=access_denied&state={state}"))
        state = browser.to_provider().partition("state=")[2]
        answers.append(browser.back(f"state={state}"))
        state = browser.to_provider().partition("state=")[2]
        answers.append(browser.back(f"code=another-code&state={state}"))
        # an answer of another provider, sent to our address
        query = browser.to_provider()
        answers.append(browser.back(f"{query}&iss=https://evil.example"))


@pytest.mark.parametrize(
    "faults",
    [
        {"about": {"issuer": "https://evil.example"}},
        {"about": {"token_endpoint": "http://login.example/token"}},
        {"about": {"jwks_uri": None}},
        {"status": 500},
        {"status": 302},
    ],
    ids=str,
)
def test_a_provider_that_cannot_be_relied_on(browser: Browser, faults: dict[str, Any]) -> None:
    browser.use(FakeProvider(**faults))
    with refused(browser) as answers:
        answers.append(browser.client.get("/sign-in/organization"))


def test_without_the_settings_there_is_no_such_way(settings: Settings) -> None:
    plain = settings.model_copy(update={"oidc_client_secret": None, "dashboard_url": None})
    with site(plain, create_app(plain)) as client:  # type: ignore[arg-type]
        assert "organization" not in client.get("/sign-in").text.partition("<form")[0]
        assert client.get("/sign-in/organization").status_code == 404
        assert client.get("/sign-in/callback?code=a&state=b").status_code == 404
