"""What keeps other sites and other people out of a session: headers, cookies, signatures, origins."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response

from exchange.settings import Settings
from exchange.warehouse.credentials import keep_password

_LOCAL_NAMES = ("127.0.0.1", "localhost", "::1")
# no inline script or style anywhere, nothing from another host, no frame
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " font-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # addresses hold filters: they are nobody else's business
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_STATIC = "/static/"


@dataclass(frozen=True)
class Site:
    """Where people find the dashboard, and the secret it signs with. url: None for this machine only."""

    url: str | None
    secret: bytes

    @classmethod
    def of(cls, settings: Settings) -> Site:
        """The secret is made at the first call and kept beside the passwords: other processes sign alike."""
        secret = keep_password(settings, "dashboard_signature").get_secret_value()
        return cls(settings.dashboard_url, secret.encode())

    @property
    def is_https(self) -> bool:
        return self.url is not None and self.url.startswith("https:")

    def cookie(self, name: str) -> str:
        """__Host-: no other host of the domain can set or shadow it. Browsers take it by https only."""
        return f"__Host-exchange_{name}" if self.is_https else f"exchange_{name}"

    def set_cookie(self, response: Response, name: str, value: str, seconds: int | None = None) -> None:
        """seconds: None ends it with the browser.

        SameSite is Lax and not Strict: a link in a chat or from the provider's page must find the person signed in.
        What Lax lets through are plain links, which change nothing; every POST needs a token of the session.
        """
        response.set_cookie(
            self.cookie(name), value, max_age=seconds, path="/", secure=self.is_https, httponly=True, samesite="lax"
        )

    def delete_cookie(self, response: Response, name: str) -> None:
        response.delete_cookie(self.cookie(name), path="/", secure=self.is_https, httponly=True, samesite="lax")

    def secure(self, headers: MutableHeaders, path: str) -> None:
        """The headers of every response."""
        headers.update(_HEADERS)
        # voters' rows must not stay in a browser's or a proxy's cache
        headers["Cache-Control"] = "public, max-age=600" if path.startswith(_STATIC) else "no-store"
        if self.is_https:
            headers["Strict-Transport-Security"] = "max-age=31536000"

    @cached_property
    def _hosts(self) -> frozenset[str]:
        return frozenset() if self.url is None else frozenset({urlsplit(self.url).netloc})

    def is_our_host(self, host: str) -> bool:
        """A name of somebody else that leads to this address is theirs: a page of theirs would be of our origin."""
        return host.lower() in self._hosts or _name(host) in _LOCAL_NAMES

    def is_our_origin(self, headers: Headers) -> bool:
        """Whether a browser says that one of our pages sent this. Who says nothing is no browser of this century."""
        if headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = headers.get("Origin")
        if origin is None:
            return True
        here = {f"http://{headers.get('Host', '').lower()}"} if self.url is None else {self.url}
        return origin.lower() in here

    def client_address(self, request: Request) -> str:
        """Whom failures are counted against. By https a proxy stands before us, which says whom it saw last."""
        peer = request.client.host if request.client else "unknown"
        said = request.headers.get("X-Forwarded-For", "").split(",")[-1].strip()
        return _address(said) or peer if self.is_https and _is_near(peer) else peer

    def token(self, purpose: str, value: str) -> str:
        """What only this exchange can derive from the value: a form's token from a session's."""
        digest = hmac.digest(self.secret, f"{purpose}:{value}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def form_token(self, purpose: str, value: str) -> str:
        """What a form of the session (or cookie) carries. Another in each page: were it the same beside text that
        somebody else chose, the length of the compressed page would tell it letter by letter.
        """
        salt = secrets.token_urlsafe(12)
        return f"{salt}.{self.token(purpose, f'{value}:{salt}')}"

    def is_form_token(self, given: str, purpose: str, value: str) -> bool:
        salt, _, signature = given.partition(".")
        return is_equal(signature, self.token(purpose, f"{value}:{salt}"))

    def seal(self, purpose: str, content: Mapping[str, Any], seconds: int) -> str:
        """Text that unseal() takes back unchanged, for so long. Signed, not encrypted."""
        document = {**content, "until": int(time.time()) + seconds}
        text = base64.urlsafe_b64encode(json.dumps(document).encode()).decode()
        return f"{text}.{self.token(purpose, text)}"

    def unseal(self, purpose: str, sealed: str) -> dict[str, Any] | None:
        text, _, signature = sealed.partition(".")
        if not is_equal(signature, self.token(purpose, text)):
            return None
        try:
            document: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text))
        except (ValueError, binascii.Error):
            return None
        return document if document.pop("until") > time.time() else None


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def is_equal(given: str, expected: str) -> bool:
    """Takes as long for nearly right as for wrong."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def local_path(path: str) -> str:
    """Where to go after a sign-in: a page of ours, or the first one. Never another site's address."""
    # browsers read \ as /, and drop tabs and line ends
    is_local = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if is_local and not path.startswith(("/sign-", "/static/")) else "/"


def _name(host: str) -> str:
    """127.0.0.1:8080 -> 127.0.0.1; [::1]:8080 -> ::1."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def _is_near(peer: str) -> bool:
    """On this machine, or in its private network (a container)."""
    try:
        return ip_address(peer).is_private
    except ValueError:
        return False
