"""Pages that show one partner's data: an operator who looks at nobody's is sent to the operators' pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

Handler = Callable[[Request], Awaitable[Response]]


def partner_only(handler: Handler) -> Handler:
    @wraps(handler)
    async def guarded(request: Request) -> Response:
        if request.state.viewer.partner_id is None:
            return RedirectResponse("/admin", status_code=303)
        return await handler(request)

    return guarded
