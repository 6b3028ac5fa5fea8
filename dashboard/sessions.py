"""Sign-in and sessions: a password (or a provider's word) for a token, a token for who asks, until something ends it.

State, in schema `dashboard`: session, one row per open session; sign_in_attempt, one row per attempt of the last day.
Whoever holds a token is the person; the database knows only its hash.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor

from dashboard.attempts import Attempt, begin_attempt
from dashboard.database import OPERATOR, Database, Reader
from dashboard.viewer import Viewer
from exchange.warehouse import accounts
from exchange.warehouse.account_sessions import ABSOLUTE_LIMIT, IDLE_LIMIT

# each hash takes 32 MB and a core: a flood of attempts waits here and not in the machine's memory
_HASHES = ThreadPoolExecutor(2, "password")
# five seconds' work: who comes later would wait for longer than people do, and is told so at once
_MOST_WAITING = 50
_waiting: set[object] = set()
# a page of several requests writes this once
_SEEN_EVERY = "1 minute"
_LONGEST_CLIENT = 200


class BusyError(Exception):
    """Too many attempts to sign in at once."""


async def sign_in(database: Database, email: str, password: str, address: str, client: str) -> str | None:
    """A new session's token; None for every reason there is to refuse: no account, wrong, disabled, suspended, locked.

    address: the client's, failures are counted by it too; client: what it calls itself, shown to operators.
    Raises BusyError.
    """
    if len(_waiting) >= _MOST_WAITING:
        raise BusyError
    me = object()
    _waiting.add(me)
    try:
        return await _sign_in(database, email, password, address, client)
    finally:
        _waiting.discard(me)


async def _sign_in(database: Database, email: str, password: str, address: str, client: str) -> str | None:
    attempt = await begin_attempt(database, email, address)
    async with database.as_keeper() as reader:
        stored = await _stored(reader, email)
    # no connection is held meanwhile
    account = await asyncio.get_running_loop().run_in_executor(_HASHES, accounts.admit, stored, password)
    if account is None or attempt.is_refused:
        return None
    return await _begin(database, account, attempt, client)


async def sign_in_verified(database: Database, email: str, address: str, client: str) -> str | None:
    """sign_in(), for an address that a provider has verified. Only of a person who has an account."""
    async with database.as_keeper() as reader:
        stored = await _stored(reader, email)
    account = None if stored is None else stored.admitted()
    # not counted as a failure: nothing was guessed
    return None if account is None else await _begin(database, account, Attempt(account.email, address), client)


async def _stored(reader: Reader, email: str) -> accounts.Stored | None:
    row = await reader.row(accounts.LOOKUP, [accounts.lookup_address(email)])
    return None if row is None else accounts.Stored(**row)


async def _begin(database: Database, account: accounts.Account, attempt: Attempt, client: str) -> str:
    token = secrets.token_urlsafe(32)
    async with database.as_keeper() as reader:
        await attempt.succeed(reader)
        await reader.execute(
            "delete from dashboard.session where expires_at < now() or last_seen_at < now() - %s", [IDLE_LIMIT]
        )
        await reader.execute(
            "insert into dashboard.session (token_hash, user_id, expires_at, client) values (%s, %s, now() + %s, %s)",
            [_hash(token), account.user_id, ABSOLUTE_LIMIT, client[:_LONGEST_CLIENT]],
        )
    return token


async def sign_out(reader: Reader, token: str) -> None:
    await reader.execute("delete from dashboard.session where token_hash = %s", [_hash(token)])


async def viewer_of(reader: Reader, token: str) -> Viewer | None:
    """Who asks; None for a token of nobody, expired, or of a person who is kept out since. For each request anew."""
    query = _VIEWER if await _has_names(reader) else _VIEWER_BEFORE_THE_FIRST_REFRESH
    row = await reader.row(query, {"hash": _hash(token), "idle": IDLE_LIMIT, "every": _SEEN_EVERY})
    if row is None:
        return None
    is_operator = row["own_partner_id"] is None
    return Viewer(
        user_id=row["user_id"],
        email=row["email"],
        partner_id=row["partner_id"],
        partner_name=row["partner_name"],
        role=row["role_name"],
        is_operator=is_operator,
        is_acting=is_operator and row["partner_id"] is not None,
    )


async def act_as(reader: Reader, viewer: Viewer, token: str, partner_id: str | None) -> bool:
    """Let an operator look at a partner's pages, or (None) at the operators' again. False: there is no such partner.

    Who looked at whose pages is in ops.audit, written in the same transaction.
    """
    assert viewer.is_operator, "a partner's person sees the partner's pages"
    if partner_id is not None:
        if not await _has_names(reader):
            return False
        known = await reader.value("select true from registry.partners where partner_id = %s", [partner_id])
        if not known:
            return False
    await reader.execute(
        "update dashboard.session set acting_partner_id = %s where token_hash = %s and user_id = %s",
        [partner_id, _hash(token), viewer.user_id],
    )
    if partner_id is not None:
        # what is left of this transaction writes the audit, which the role before may not read
        await reader.execute(f"set local role {OPERATOR}")
        await reader.execute(
            "insert into ops.audit (by_os_user, what, partner_id, details)"
            " values (%s, 'looked_at_partner', %s, '{\"in\": \"dashboard\"}')",
            [viewer.email, partner_id],
        )
    return True


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def _has_names(reader: Reader) -> bool:
    """Whether a refresh has published yet."""
    return bool(
        await reader.value(
            "select to_regclass('published.change_feed') is not null and to_regclass('registry.partners') is not null"
        )
    )


_SESSION = """
    with
    asked as (
        select
            account.user_id,
            account.email,
            account.partner_id as own_partner_id,
            -- what an operator looks at; a partner's person never looks at another's
            coalesce(account.partner_id, session.acting_partner_id) as partner_id
        from dashboard.session
        inner join accounts.user_account as account on session.user_id = account.user_id
        left join accounts.partner_login as login on account.partner_id = login.partner_id
        where session.token_hash = %(hash)s
            and session.expires_at > now()
            and session.last_seen_at > now() - %(idle)s
            and not account.is_disabled
            and login.suspended_at is null
    ),

    noted as (
        update dashboard.session set last_seen_at = now()
        where token_hash = %(hash)s and last_seen_at < now() - %(every)s::interval and exists (select from asked)
    )
"""
_VIEWER = f"""{_SESSION}
    select asked.*, feed.role_name, coalesce(partners.partner_name, asked.partner_id) as partner_name
    from asked
    left join published.change_feed as feed on asked.partner_id = feed.partner_id
    left join registry.partners on asked.partner_id = partners.partner_id
"""
_VIEWER_BEFORE_THE_FIRST_REFRESH = f"""{_SESSION}
    select asked.*, null as role_name, asked.partner_id as partner_name from asked
"""
