"""Cookies, signatures, hosts, origins and ways back, without a server."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response

from dashboard.security import Site, is_equal, local_path
from exchange.settings import Settings
from tests.servers import fresh_settings

LOCAL = Site(None, b"a secret of this machine")
PUBLIC = Site("https://voters.example", b"another secret")


@given(
    st.one_of(
        st.text(),
        st.text(alphabet="/\\.:@?#%\t\n\r evil.example"),
        st.builds("{}{}".format, st.sampled_from(["/", "//", "/\\", "\\", "https:", "/.", "///"]), st.text()),
    )
)
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("https://evil.example/")
@example("javascript:alert(1)")
@example("/sign-out")
@example("")
def test_after_a_sign_in_one_stays_here(path: str) -> None:
    """Would have caught an open redirect by any of the forms that browsers read as another host."""
    there = local_path(path)
    # as browsers do: they drop tabs and line ends, and read \ as /
    read = there.replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")
    assert (
        there.startswith("/") and urlsplit(urljoin("https://voters.example/sign-in", read)).netloc == "voters.example"
    )


@pytest.mark.parametrize("path", ["/", "/voters?office=governor&support=1&support=2", "/admin/people", "/quality"])
def test_pages_of_ours_are_gone_back_to(path: str) -> None:
    assert local_path(path) == path


@given(st.dictionaries(st.text(), st.text() | st.integers()).filter(lambda content: "until" not in content))
def test_what_is_sealed_comes_back(content: dict[str, str | int]) -> None:
    assert LOCAL.unseal("flow", LOCAL.seal("flow", content, 60)) == content


@given(st.text() | st.text(alphabet="abcdefAB.=-_01"))
def test_what_was_not_sealed_here_is_nothing(forged: str) -> None:
    assert LOCAL.unseal("flow", forged) is None


def test_a_seal_holds_for_its_purpose_its_exchange_and_its_time() -> None:
    sealed = LOCAL.seal("flow", {"next": "/"}, 60)
    text, _, signature = sealed.partition(".")
    assert LOCAL.unseal("other", sealed) is None
    assert PUBLIC.unseal("flow", sealed) is None
    assert LOCAL.unseal("flow", LOCAL.seal("flow", {"next": "/"}, -1)) is None
    changed = base64.urlsafe_b64encode(json.dumps({"next": "/x", "until": 9_999_999_999}).encode()).decode()
    assert LOCAL.unseal("flow", f"{changed}.{signature}") is None
    assert LOCAL.unseal("flow", f"{text}.{signature}x") is None


def test_a_token_is_of_one_session_one_purpose_and_one_exchange() -> None:
    tokens = {site.token(purpose, value) for site in (LOCAL, PUBLIC) for purpose in "ab" for value in "cd"}
    assert len(tokens) == 8
    assert is_equal(LOCAL.token("a", "c"), LOCAL.token("a", "c"))
    assert not is_equal("", LOCAL.token("a", "c"))
    assert not is_equal("\udcff", LOCAL.token("a", "c"))


@given(st.text(alphabet="abc._-é\0"))
def test_a_form_has_another_token_on_each_page_and_no_other_sessions(forged: str) -> None:
    first, second = LOCAL.form_token("session", "mine"), LOCAL.form_token("session", "mine")
    assert first != second
    assert LOCAL.is_form_token(first, "session", "mine") and LOCAL.is_form_token(second, "session", "mine")
    for given_token in (forged, f"{first}{forged}x", f"x{first}", first.partition(".")[0], second.partition(".")[2]):
        assert not LOCAL.is_form_token(given_token, "session", "mine")
    assert not LOCAL.is_form_token(first, "session", "another's")
    assert not LOCAL.is_form_token(first, "form", "mine")
    assert not PUBLIC.is_form_token(first, "session", "mine")


def test_the_session_cookie() -> None:
    response = Response()
    PUBLIC.set_cookie(response, "session", "t")
    LOCAL.set_cookie(response, "session", "t")
    PUBLIC.delete_cookie(response, "session")
    public, local, deleted = response.headers.getlist("set-cookie")
    # no Domain: __Host- forbids it; no Max-Age: it ends with the browser
    assert public == "__Host-exchange_session=t; HttpOnly; Path=/; SameSite=lax; Secure"
    assert local == "exchange_session=t; HttpOnly; Path=/; SameSite=lax"
    # browsers delete a __Host- cookie only by the same attributes
    assert "Secure" in deleted and "Path=/" in deleted and "Max-Age=0" in deleted


@pytest.mark.parametrize(
    ("site", "headers", "is_ours"),
    [
        (LOCAL, {"Host": "127.0.0.1:8080"}, True),
        (LOCAL, {"Host": "127.0.0.1:8080", "Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"}, True),
        (LOCAL, {"Host": "127.0.0.1:8080", "Origin": "http://127.0.0.1:9090"}, False),
        (LOCAL, {"Host": "127.0.0.1:8080", "Origin": "http://evil.example"}, False),
        (LOCAL, {"Host": "127.0.0.1:8080", "Origin": "null"}, False),
        (LOCAL, {"Host": "127.0.0.1:8080", "Sec-Fetch-Site": "same-site"}, False),
        (LOCAL, {"Host": "127.0.0.1:8080", "Sec-Fetch-Site": "cross-site"}, False),
        # a proxy may pass on its own name for us: what counts is the address people use
        (PUBLIC, {"Host": "127.0.0.1:8080", "Origin": "https://voters.example"}, True),
        (PUBLIC, {"Host": "voters.example", "Origin": "http://voters.example"}, False),
        (PUBLIC, {"Host": "voters.example", "Origin": "https://voters.example.evil.example"}, False),
        (PUBLIC, {"Host": "voters.example", "Origin": "https://other.voters.example"}, False),
    ],
)
def test_origins(site: Site, headers: dict[str, str], is_ours: bool) -> None:
    assert site.is_our_origin(Headers(headers)) is is_ours


@pytest.mark.parametrize(
    ("host", "locally", "publicly"),
    [
        ("127.0.0.1:8080", True, True),
        ("localhost", True, True),
        ("[::1]:8080", True, True),
        ("voters.example", False, True),
        ("VOTERS.example", False, True),
        ("voters.example:8443", False, False),
        ("evil.example", False, False),
        ("127.0.0.1.evil.example", False, False),
        ("evil@127.0.0.1:80@evil.example", False, False),
        ("[", False, False),
        ("", False, False),
    ],
)
def test_hosts(host: str, locally: bool, publicly: bool) -> None:
    """A name that somebody points at 127.0.0.1 would make a page of theirs one of our origin."""
    assert (LOCAL.is_our_host(host), PUBLIC.is_our_host(host)) == (locally, publicly)


@pytest.mark.parametrize(
    ("site", "peer", "said", "address"),
    [
        (LOCAL, "127.0.0.1", "", "127.0.0.1"),
        # without a proxy anybody may write this
        (LOCAL, "127.0.0.1", "203.0.113.7", "127.0.0.1"),
        (PUBLIC, "127.0.0.1", "203.0.113.7", "203.0.113.7"),
        # what stands before the last was written by the client
        (PUBLIC, "10.0.0.5", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (PUBLIC, "127.0.0.1", "nonsense", "127.0.0.1"),
        (PUBLIC, "8.8.8.8", "203.0.113.7", "8.8.8.8"),
        (PUBLIC, "127.0.0.1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_whom_failures_count_against(site: Site, peer: str, said: str, address: str) -> None:
    scope = {"type": "http", "client": (peer, 1), "headers": [(b"x-forwarded-for", said.encode())]}
    assert site.client_address(Request(scope)) == address


def test_headers_of_a_page_and_of_a_file() -> None:
    page, file = MutableHeaders(), MutableHeaders()
    PUBLIC.secure(page, "/voters")
    LOCAL.secure(file, "/static/app.css")
    policy = page["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert page["Cache-Control"] == "no-store" and "no-store" not in file["Cache-Control"]
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" in page and "Strict-Transport-Security" not in file


def test_all_processes_sign_alike_and_the_secret_is_kept_like_a_password(tmp_path: Path) -> None:
    settings = fresh_settings(tmp_path)
    assert Site.of(settings) == Site.of(settings)
    assert [path.stat().st_mode & 0o777 for path in settings.credentials.iterdir()] == [0o600]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dashboard_url", "voters.example"),
        ("dashboard_url", "ftp://voters.example"),
        ("dashboard_url", "https://voters.example/app"),
        ("dashboard_url", "https://me@voters.example"),
        ("oidc_issuer", "http://login.example"),
        ("oidc_issuer", "login.example"),
    ],
)
def test_settings_that_cannot_be(name: str, value: str) -> None:
    with pytest.raises(ValidationError):
        Settings(**{name: value})  # type: ignore[arg-type]


def test_settings_as_people_write_them() -> None:
    settings = Settings(dashboard_url="https://Voters.example/", oidc_issuer="https://login.example/realm/")
    assert (settings.dashboard_url, settings.oidc_issuer) == ("https://voters.example", "https://login.example/realm")
