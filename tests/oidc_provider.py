"""An OpenID Connect provider in this process, with every fault a test asks it for."""

from __future__ import annotations

import hashlib
import json
import time
from base64 import b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

ISSUER = "https://login.example/realm"
CLIENT_ID = "voters:exchange"
SECRET = "a secret / with signs"
_KEY = RSAKey.generate_key(2048, {"use": "sig", "kid": "one"})
_OTHER_KEY = RSAKey.generate_key(2048, {"use": "sig", "kid": "one"})


@dataclass
class FakeProvider:
    """claims: what differs in the ID token from a right one, None leaves one out; about: what differs in its
    configuration. requests: what it was asked, newest last."""

    claims: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    signs_with: str = "its key"
    status: int = 200
    requests: list[httpx.Request] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def authorize(self, url: str) -> str:
        """A person says yes on its page. The query of the callback."""
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{ISSUER}/authorize"
        self.asked = dict(parse_qsl(parts.query))
        assert self.asked["response_type"] == "code" and self.asked["client_id"] == CLIENT_ID
        assert self.asked["code_challenge_method"] == "S256" and set(self.asked["scope"].split()) == {"openid", "email"}
        return f"code=a-code&state={self.asked['state']}"

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = str(request.url).removeprefix(ISSUER)
        if path == "/.well-known/openid-configuration":
            return httpx.Response(self.status, json=self._about())
        if path == "/keys":
            return httpx.Response(200, json=KeySet([_KEY]).as_dict(private=False))
        if path == "/token":
            return self._token(request)
        if path == "/userinfo":
            assert request.headers["Authorization"] == "Bearer an-access-token"
            return httpx.Response(200, json={"sub": "person-7", **self.userinfo})
        raise AssertionError(f"not asked for by anybody: {request.url}")

    def _about(self) -> dict[str, Any]:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            # what it offers must not be what we take
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            **self.about,
        }

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        if "client_secret" in form:
            login = (form["client_id"], form["client_secret"])
        else:
            name, _, secret = b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode().partition(":")
            login = (unquote_plus(name), unquote_plus(secret))
        challenge = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if (
            login != (CLIENT_ID, SECRET)
            or form["code"] != "a-code"
            or challenge != self.asked["code_challenge"]
            or form["redirect_uri"] != self.asked["redirect_uri"]
        ):
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(200, json={"access_token": "an-access-token", "id_token": self._id_token()})

    def _id_token(self) -> str:
        now = int(time.time())
        right = {
            "iss": ISSUER,
            "aud": CLIENT_ID,
            "sub": "person-7",
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked["nonce"],
            "email": "lopez_for_governor@example.org",
            "email_verified": True,
        }
        claims = {name: value for name, value in {**right, **self.claims}.items() if value is not None}
        if self.signs_with == "nothing":
            head, body = ({"alg": "none"}, claims)
            return (
                ".".join(urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in (head, body))
                + "."
            )
        if self.signs_with == "the secret":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET), algorithms=["HS256"])
        if self.signs_with == "its public key":
            public = OctKey.import_key(_KEY.as_pem(private=False))
            return jwt.encode({"alg": "HS256", "kid": "one"}, claims, public, algorithms=["HS256"])
        return jwt.encode(
            {"alg": "RS256", "kid": "one"}, claims, _OTHER_KEY if self.signs_with == "another key" else _KEY
        )
