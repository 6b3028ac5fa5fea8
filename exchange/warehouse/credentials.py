"""Passwords of the exchange's own roles: one file each, 0600, in a folder that is 0700."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from pydantic import SecretStr

from exchange.errors import ExchangeError, Place
from exchange.settings import Settings


def password_file(settings: Settings, user: str) -> Path:
    return settings.credentials / f"{user}.password"


def read_password(settings: Settings, user: str) -> SecretStr:
    """The kept password of a role. Raises ExchangeError if there is none or it is not ours to read."""
    path = password_file(settings, user)
    try:
        return SecretStr(path.read_text().strip())
    except FileNotFoundError as error:
        raise ExchangeError(
            f"There is no password of {user} yet.",
            place=Place(file=str(path)),
            remedy="`exchange db start` creates it. If it was deleted, restore it from your backup.",
        ) from error
    except PermissionError as error:
        raise ExchangeError(
            f"The password of {user} belongs to another user of this machine.",
            place=Place(file=str(path)),
            remedy="Run as the user who created this exchange, or choose another EXCHANGE_HOME.",
        ) from error


def keep_password(settings: Settings, user: str) -> SecretStr:
    """The kept password of a role; made at random at the first call. Safe when processes call it at once."""
    path = password_file(settings, user)
    if not path.exists():
        settings.credentials.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.credentials.chmod(0o700)
        handle, temporary = tempfile.mkstemp(dir=settings.credentials, prefix=".new-")  # 0600 from the start
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(24) + "\n")
                file.flush()
                os.fsync(file.fileno())
            # a link, not a rename: the first of two processes wins and the second reads what it wrote
            os.link(temporary, path)
        except FileExistsError:
            pass  # made by another process in the meantime: read below
        finally:
            os.unlink(temporary)
    return read_password(settings, user)
