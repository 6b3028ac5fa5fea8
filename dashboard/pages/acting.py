"""An operator looks at a partner's pages: as the partner's role, and written down."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard import sessions


async def act_as(request: Request) -> Response:
    """Field partner_id: whose pages; empty: the operators' own again."""
    state = request.state
    if not state.viewer.is_operator:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    partner_id = str((await request.form()).get("partner_id", "")) or None
    async with request.app.state.database.as_keeper() as reader:
        is_known = await sessions.act_as(reader, state.viewer, state.session_token, partner_id)
    if not is_known:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such partner.")
    return RedirectResponse("/admin" if partner_id is None else "/", HTTPStatus.SEE_OTHER)


routes = [Route("/admin/act-as", act_as, methods=["POST"])]
