"""Sign in and out: by password, or by the provider of one's organization."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard import sessions
from dashboard.guard import FORM, SESSION
from dashboard.rendering import page
from dashboard.security import Site, local_path

if TYPE_CHECKING:
    from dashboard.oidc import Provider

_LOG = logging.getLogger(__name__)
# what a sign-in by the provider left behind
_FLOW = "flow"
_FLOW_SECONDS = 600
_CALLBACK = "/sign-in/callback"
# one for every reason: which addresses have an account is nobody's business, nor which of them is locked
_REFUSED = "This address and password do not let you in. After several mistakes, wait 15 minutes."


async def form(request: Request) -> Response:
    following = local_path(request.query_params.get("next", "/"))
    if request.state.viewer is not None:
        return RedirectResponse(following, HTTPStatus.SEE_OTHER)
    return _form(request, following)


async def sign_in(request: Request) -> Response:
    given = await request.form()
    email, password, following = (str(given.get(name, "")) for name in ("email", "password", "next"))
    try:
        token = await sessions.sign_in(
            request.app.state.database,
            # Postgres has no text with this character; nobody's address has
            email.replace("\0", ""),
            password,
            request.state.site.client_address(request),
            request.headers.get("User-Agent", ""),
        )
    except sessions.BusyError as error:
        detail = "Too many people are signing in at once. Try again in a moment."
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, detail) from error
    if token is None:
        return _form(request, local_path(following), email, _REFUSED)
    return await _signed_in(request, token, following)


async def sign_out(request: Request) -> Response:
    async with request.app.state.database.as_keeper() as reader:
        await sessions.sign_out(reader, request.state.session_token)
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    request.state.site.delete_cookie(response, SESSION)
    return response


async def to_organization(request: Request) -> Response:
    """On to the provider."""
    from dashboard.oidc import RefusedError

    provider, site = _provider(request), _site(request)
    following = local_path(request.query_params.get("next", "/"))
    try:
        begun = await provider.begin(_callback(request))
    except RefusedError as error:
        return _refused(request, following, error)
    response = RedirectResponse(begun.url, HTTPStatus.SEE_OTHER)
    sealed = site.seal(_FLOW, {**begun.keep, "next": following}, _FLOW_SECONDS)
    site.set_cookie(response, _FLOW, sealed, _FLOW_SECONDS)
    return response


async def from_organization(request: Request) -> Response:
    """Back from the provider. Once: what the browser kept for it is deleted, whatever comes of it."""
    from dashboard.oidc import RefusedError

    provider, site = _provider(request), _site(request)
    kept = site.unseal(_FLOW, request.cookies.get(site.cookie(_FLOW), ""))
    following = "/" if kept is None else str(kept["next"])
    try:
        if kept is None:
            raise RefusedError("no sign-in was begun in this browser, or it took longer than ten minutes")
        email = await provider.finish(_callback(request), kept, lambda name: request.query_params.get(name, ""))
    except RefusedError as error:
        response = _refused(request, following, error)
    else:
        address, client = site.client_address(request), request.headers.get("User-Agent", "")
        token = await sessions.sign_in_verified(request.app.state.database, email.replace("\0", ""), address, client)
        if token is None:
            response = _form(request, following, error=_REFUSED)
        else:
            response = await _signed_in(request, token, following)
    site.delete_cookie(response, _FLOW)
    return response


def _form(request: Request, following: str, email: str = "", error: str = "") -> Response:
    context = {
        "next": following,
        "quoted_next": quote(following, safe="/"),
        "email": email,
        "error": error,
        "has_organization": _configured(request) is not None,
    }
    status = HTTPStatus.FORBIDDEN if error else HTTPStatus.OK
    return page(request, "pages/sign_in.html", context, status=status)


async def _signed_in(request: Request, token: str, following: str) -> Response:
    """A new token for every sign-in: one that somebody put into this browser before is worth nothing after."""
    if request.state.session_token:
        async with request.app.state.database.as_keeper() as reader:
            await sessions.sign_out(reader, request.state.session_token)
    response = RedirectResponse(local_path(following), HTTPStatus.SEE_OTHER)
    site = _site(request)
    site.set_cookie(response, SESSION, token)
    site.delete_cookie(response, FORM)
    return response


def _refused(request: Request, following: str, error: Exception) -> Response:
    _LOG.warning("A sign-in by the organization's provider was refused: %s", error)
    return _form(request, following, error=_REFUSED)


def _site(request: Request) -> Site:
    site: Site = request.state.site
    return site


def _callback(request: Request) -> str:
    return f"{_site(request).url or str(request.base_url).rstrip('/')}{_CALLBACK}"


def _provider(request: Request) -> Provider:
    provider = _configured(request)
    if provider is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return provider


def _configured(request: Request) -> Provider | None:
    """Kept while the process lives, with what the provider says about itself."""
    state = request.app.state
    if not hasattr(state, "provider"):
        if state.settings.oidc_issuer is None:
            state.provider = None
        else:
            # 2 s to import; only who has a provider waits for it
            from dashboard.oidc import Provider

            state.provider = Provider.of(state.settings)
    provider: Provider | None = state.provider
    return provider


routes = [
    Route("/sign-in", form, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/sign-in/organization", to_organization, methods=["GET"]),
    Route(_CALLBACK, from_organization, methods=["GET"]),
]
