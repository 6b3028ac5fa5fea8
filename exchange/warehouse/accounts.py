"""People who sign in: operators, and partners' staff. Passwords are kept as scrypt hashes only.

State: accounts.user_account, one row per person, of a bootstrapped database. The given connection is an administrator's
in autocommit; each function is a transaction.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row

from exchange.errors import ExchangeError
from exchange.warehouse.account_sessions import end_sessions, forget_failures

Connection = psycopg.Connection[Any]

SHORTEST_PASSWORD = 12
# 32 MiB and about 0.1 s for each guess (RFC 7914); kept in each hash, so that they can be raised later
_COST, _BLOCK_SIZE, _PARALLEL = 2**15, 8, 1
_MEMORY_BYTES = 2**26
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Account:
    """One person. partner_id is None for an operator, who sees every partner's pages."""

    user_id: int
    email: str
    partner_id: str | None

    @property
    def is_operator(self) -> bool:
        return self.partner_id is None


def new_password() -> str:
    return secrets.token_urlsafe(24)


def add_account(conn: Connection, email: str, partner_id: str | None, password: str) -> Account:
    """Raises ExchangeError for no email address, a short password, or an address that has an account."""
    address, hashed = _address(email), _hash(password)
    with conn.transaction():
        row = conn.execute(
            """
            insert into accounts.user_account (email, partner_id, password_hash)
            values (%s, %s, %s)
            on conflict (email) do nothing
            returning user_id
            """,
            (address, partner_id, hashed),
        ).fetchone()
    if row is None:
        remedy = f"`exchange user reset {address}` makes a new password."
        raise ExchangeError("The address has an account already.", got=address, remedy=remedy)
    return Account(row[0], address, partner_id)


def reset_password(conn: Connection, email: str, password: str) -> Account:
    """Replace the password, and end what was signed in with the old one; disabled stays disabled.

    Raises ExchangeError for an unknown address.
    """
    hashed = _hash(password)
    with conn.transaction():
        account = _update(conn, email, "password_hash = %s, password_set_at = now()", hashed)
        end_sessions(conn, account.user_id)
        forget_failures(conn, account.email)
    return account


def set_disabled(conn: Connection, email: str, is_disabled: bool) -> Account:
    """Keep the person out from the next click on, or let them in again. Raises ExchangeError for an unknown address."""
    with conn.transaction():
        account = _update(conn, email, "is_disabled = %s", is_disabled)
        if is_disabled:
            end_sessions(conn, account.user_id)
    return account


def sign_out(conn: Connection, email: str) -> int:
    """End all of the person's sessions; how many there were. Raises ExchangeError for an unknown address."""
    with conn.transaction():
        return end_sessions(conn, _find(conn, email).user_id)


LOOKUP = """
    select
        user_account.user_id,
        user_account.email,
        user_account.partner_id,
        user_account.password_hash,
        user_account.is_disabled,
        partner_login.suspended_at is not null as is_suspended
    from accounts.user_account
    left join accounts.partner_login on user_account.partner_id = partner_login.partner_id
    where user_account.email = %s
"""


@dataclass(frozen=True)
class Stored:
    """One row of LOOKUP: an account, and what keeps it out."""

    user_id: int
    email: str
    partner_id: str | None
    password_hash: str
    is_disabled: bool
    is_suspended: bool

    def admitted(self) -> Account | None:
        """None: disabled, or its partner's door is closed."""
        kept_out = self.is_disabled or self.is_suspended
        return None if kept_out else Account(self.user_id, self.email, self.partner_id)


def verify(conn: Connection, email: str, password: str) -> Account | None:
    """The account if the password is right, the account enabled and its partner's door open; else None."""
    with conn.cursor(row_factory=class_row(Stored)) as cursor:
        stored = cursor.execute(LOOKUP, (lookup_address(email),)).fetchone()
    return admit(stored, password)


def admit(stored: Stored | None, password: str) -> Account | None:
    """verify(), for a row at hand. Takes about 0.1 s and 32 MB.

    One hash is computed in every case, so that the time taken does not tell which addresses have an account.
    """
    is_right = _matches(password, _NOBODY if stored is None else stored.password_hash)
    return stored.admitted() if stored is not None and is_right else None


def lookup_address(email: str) -> str:
    """An address as it is kept, from what somebody typed, right or wrong."""
    return email.strip().lower()


def is_anybody_there(conn: Connection) -> bool:
    """Whether anybody could sign in."""
    row = conn.execute("select exists (select from accounts.user_account where not is_disabled)").fetchone()
    return bool(row and row[0])


def _update(conn: Connection, email: str, assignment: str, value: object) -> Account:
    address = _address(email)
    with conn.transaction():
        row = conn.execute(
            # the assignment is one of two constants above
            f"update accounts.user_account set {assignment} where email = %s returning user_id, email, partner_id",
            (value, address),
        ).fetchone()
    if row is None:
        raise _unknown(address)
    return Account(*row)


def _find(conn: Connection, email: str) -> Account:
    address = _address(email)
    row = conn.execute(
        "select user_id, email, partner_id from accounts.user_account where email = %s", (address,)
    ).fetchone()
    if row is None:
        raise _unknown(address)
    return Account(*row)


def _unknown(address: str) -> ExchangeError:
    remedy = "Correct it, or `exchange user add` it. `exchange user list` shows all."
    return ExchangeError("The address has no account.", got=address, remedy=remedy)


def _address(email: str) -> str:
    address = lookup_address(email)
    if not _EMAIL.fullmatch(address):
        raise ExchangeError("This is no email address.", expected="name@host.example", got=email)
    return address


def _hash(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise ExchangeError(
            "The password is too short.",
            expected=f"{SHORTEST_PASSWORD} characters or more",
            got=f"{len(password)} characters",
        )
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, _COST, _BLOCK_SIZE, _PARALLEL)
    encoded = "$".join(base64.b64encode(part).decode() for part in (salt, digest))
    return f"scrypt${_COST}${_BLOCK_SIZE}${_PARALLEL}${encoded}"


def _matches(password: str, stored: str) -> bool:
    _, cost, block_size, parallel, salt, digest = stored.split("$")
    computed = _scrypt(password, base64.b64decode(salt), int(cost), int(block_size), int(parallel))
    return hmac.compare_digest(computed, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, cost: int, block_size: int, parallel: int) -> bytes:
    # one letter may be typed as one or as two code points, by keyboard: both are the same password
    text = unicodedata.normalize("NFKC", password).encode()
    return hashlib.scrypt(text, salt=salt, n=cost, r=block_size, p=parallel, maxmem=_MEMORY_BYTES, dklen=32)


# a hash that no password has: random, and never stored
_NOBODY = f"scrypt${_COST}${_BLOCK_SIZE}${_PARALLEL}$" + "$".join(
    base64.b64encode(secrets.token_bytes(size)).decode() for size in (16, 32)
)
