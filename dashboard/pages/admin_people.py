"""People who sign in: who they are, when they were last seen, and how to keep one out."""

from __future__ import annotations

from http import HTTPStatus

from psycopg.types.json import Jsonb
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.database import Database, Reader
from dashboard.pages.admin_frame import admin_page, operator
from exchange.warehouse.account_sessions import IDLE_LIMIT

# what is asked -> what ops.audit calls it
ACTS = {"disable": "account_disabled", "enable": "account_enabled", "end-sessions": "sessions_ended"}


async def people(request: Request) -> Response:
    """?partner=P: of one partner."""
    viewer = operator(request)
    database: Database = request.app.state.database
    partner_id = request.query_params.get("partner", "")
    async with database.as_operator(viewer) as reader:
        rows = await reader.rows(
            """
            select
                account.user_id,
                account.email,
                account.partner_id,
                account.is_disabled,
                account.created_at,
                account.password_set_at,
                max(session.last_seen_at) as last_seen_at,
                count(session.user_id) as open_sessions
            from accounts.user_account as account
            left join dashboard.session
                on account.user_id = session.user_id
                and session.expires_at > now()
                and session.last_seen_at > now() - %(idle)s
            where %(partner)s = '' or account.partner_id = %(partner)s
            group by account.user_id
            order by account.partner_id nulls first, account.email
            """,
            {"idle": IDLE_LIMIT, "partner": partner_id},
        )
        partners = [row["partner_id"] for row in await reader.rows(_PARTNERS)]
    if partner_id and partner_id not in partners:
        raise HTTPException(HTTPStatus.NOT_FOUND, "Nobody of this partner has an account.")
    context = {"title": "People", "people": rows, "partner_id": partner_id, "partners": partners}
    return admin_page(request, "people", context)


_PARTNERS = "select distinct partner_id from accounts.user_account where partner_id is not null order by partner_id"


async def act(request: Request) -> Response:
    """Field user_id. Disabling also ends the person's sessions."""
    viewer = operator(request)
    what = request.path_params["act"]
    if what not in ACTS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    user_id = _number(str((await request.form()).get("user_id", "")))
    if what == "disable" and user_id == viewer.user_id:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "You cannot disable yourself: another operator can.")
    database: Database = request.app.state.database
    async with database.as_operator(viewer) as reader:
        account = await reader.row("select email, partner_id from accounts.user_account where user_id = %s", [user_id])
        if account is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such account.")
        await _do(reader, what, user_id)
        await reader.execute(
            "insert into ops.audit (by_os_user, what, partner_id, details) values (%s, %s, %s, %s)",
            [viewer.email, ACTS[what], account["partner_id"], Jsonb({"email": account["email"], "in": "dashboard"})],
        )
    return RedirectResponse("/admin/people?done=saved", HTTPStatus.SEE_OTHER)


def _number(text: str) -> int:
    """As our forms send it: int() takes other scripts' digits, spaces and 1_0 for numbers of accounts too."""
    if not (text.isascii() and text.isdigit()):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "It is not said whom this is about.")
    # 18 digits fit into a bigint; a longer one is nobody's
    return int(text) if len(text) <= 18 else 0


async def _do(reader: Reader, what: str, user_id: int) -> None:
    if what != "end-sessions":
        await reader.execute(
            "update accounts.user_account set is_disabled = %s where user_id = %s", [what == "disable", user_id]
        )
    if what != "enable":
        await reader.execute("delete from dashboard.session where user_id = %s", [user_id])


routes = [Route("/admin/people", people), Route("/admin/people/{act}", act, methods=["POST"])]
