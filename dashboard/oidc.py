"""Sign-in by an OpenID Connect provider: authorization code with PKCE, state and nonce. It vouches for an address only.

Who has no account here stays outside: accounts are made by `exchange user add`, not by a provider.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dashboard.security import is_equal, new_secret
from exchange.settings import Settings

# signed with the provider's private key: what is signed with a secret that both know proves less
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_PATIENCE = 10.0
# its addresses change rarely; its keys are asked for at each sign-in
_DISCOVERED_FOR = 3600.0
_CLOCKS_DIFFER = 60
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Begun:
    """A sign-in on its way. url: where to send the person; keep: in their browser, for finish()."""

    url: str
    keep: dict[str, str]


class RefusedError(Exception):
    """The provider, or what came from it, does not let the person in. The text is for the log."""


class Provider:
    """One provider. transport: what carries requests, for tests."""

    def __init__(
        self, issuer: str, client_id: str, secret: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._secret = secret
        self._transport = transport
        self._found: tuple[float, dict[str, Any]] | None = None

    @classmethod
    def of(cls, settings: Settings) -> Provider | None:
        """None unless all three settings are there."""
        secret = settings.oidc_client_secret
        if settings.oidc_issuer is None or settings.oidc_client_id is None or secret is None:
            return None
        return cls(settings.oidc_issuer, settings.oidc_client_id, secret.get_secret_value())

    async def begin(self, callback: str) -> Begun:
        """callback: our address that the provider sends the person back to. Raises RefusedError."""
        keep = {"state": new_secret(), "nonce": new_secret(), "verifier": new_secret() + new_secret()}
        async with self._client() as client:
            about = await self._discover(client)
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": callback,
            "scope": "openid email",
            "state": keep["state"],
            "nonce": keep["nonce"],
            "code_challenge": create_s256_code_challenge(keep["verifier"]),
            "code_challenge_method": "S256",
        }
        return Begun(add_params_to_uri(about["authorization_endpoint"], list(asked.items())), keep)

    async def finish(self, callback: str, keep: dict[str, Any], answer: Callable[[str], str]) -> str:
        """The address that the provider verified. answer: parameter -> value in the callback. Raises RefusedError."""
        if not is_equal(answer("state"), keep["state"]):
            raise RefusedError("the state is another one")
        if answer("error") or not answer("code"):
            raise RefusedError(f"the provider says {answer('error')[:80]!r}")
        async with self._client() as client:
            about = await self._discover(client)
            if answer("iss") and answer("iss") != about["issuer"]:
                raise RefusedError("the answer is another provider's")
            try:
                token = await self._exchange(client, about, answer("code"), callback, keep["verifier"])
                claims = await self._claims(client, about, token, keep["nonce"])
                if "email" not in claims and about.get("userinfo_endpoint"):
                    # some put into the token only who it is
                    claims = await _userinfo(client, about["userinfo_endpoint"], token["access_token"], claims["sub"])
            except (AuthlibBaseError, JoseError, httpx.HTTPError, ValueError, KeyError) as error:
                raise RefusedError(f"{type(error).__name__}: {error}") from error
        return _verified_address(claims)

    def _client(self) -> httpx.AsyncClient:
        # no redirects: the secret goes where the provider's configuration says, or nowhere
        return httpx.AsyncClient(transport=self._transport, timeout=_PATIENCE, follow_redirects=False)

    async def _exchange(
        self, client: httpx.AsyncClient, about: dict[str, Any], code: str, callback: str, verifier: str
    ) -> dict[str, Any]:
        """The code for tokens."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": callback,
            "code_verifier": verifier,
        }
        if "client_secret_basic" in about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            # RFC 6749, 2.3.1: both are encoded as in a form
            login = httpx.BasicAuth(quote_plus(self._client_id), quote_plus(self._secret))
            return _object(await client.post(about["token_endpoint"], data=form, auth=login))
        form |= {"client_id": self._client_id, "client_secret": self._secret}
        return _object(await client.post(about["token_endpoint"], data=form))

    async def _discover(self, client: httpx.AsyncClient) -> dict[str, Any]:
        if self._found is not None and self._found[0] > time.monotonic():
            return self._found[1]
        try:
            about = _object(await client.get(f"{self._issuer}/.well-known/openid-configuration"))
            addresses = [about[name] for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
            issuer = about["issuer"]
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise RefusedError(f"the provider's configuration: {type(error).__name__}: {error}") from error
        if issuer.rstrip("/") != self._issuer:
            raise RefusedError(f"the provider calls itself {issuer!r}")
        if any(not _is_safe(address) for address in [*addresses, about.get("userinfo_endpoint") or addresses[0]]):
            raise RefusedError("the provider has addresses without TLS")
        self._found = (time.monotonic() + _DISCOVERED_FOR, about)
        return about

    async def _claims(
        self, client: httpx.AsyncClient, about: dict[str, Any], token: dict[str, Any], nonce: str
    ) -> dict[str, Any]:
        """What the ID token says; signed by the provider, for us, for this sign-in."""
        published: Any = _object(await client.get(about["jwks_uri"]))
        keys = KeySet.import_key_set(published)
        decoded = jwt.decode(token["id_token"], keys, algorithms=_ALGORITHMS)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": about["issuer"]},
                "aud": {"essential": True, "value": self._client_id},
                # Authlib asks for it only if it is wanted
                "nonce": {"essential": True, "value": nonce},
            },
            params={"client_id": self._client_id, "nonce": nonce, "access_token": token.get("access_token")},
        )
        claims.validate(leeway=_CLOCKS_DIFFER)
        return dict(claims)


async def _userinfo(client: httpx.AsyncClient, url: str, access_token: str, subject: str) -> dict[str, Any]:
    claims = _object(await client.get(url, headers={"Authorization": f"Bearer {access_token}"}))
    if claims["sub"] != subject:
        raise RefusedError("the provider's information is about somebody else")
    return claims


def _object(response: httpx.Response) -> dict[str, Any]:
    response.raise_for_status()
    document = response.json()
    if not response.is_success or not isinstance(document, dict):
        raise ValueError(f"{response.url.path} is no JSON object")
    return document


def _verified_address(claims: dict[str, Any]) -> str:
    # some providers write the word
    if claims.get("email_verified") not in (True, "true") or not isinstance(claims.get("email"), str):
        raise RefusedError("the address is not verified")
    return str(claims["email"])


def _is_safe(url: object) -> bool:
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in _LOOPBACK
