"""One process at a time: an advisory lock on a file, released by the kernel however the holder ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exchange.errors import ExchangeError, Place


@contextmanager
def exclusive(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock on `path`; wait at most `seconds` for it, then raise ExchangeError."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        raise ExchangeError(
            "This exchange belongs to another user of this machine.",
            place=Place(file=str(path)),
            remedy="Run as the user who created it, or choose another EXCHANGE_HOME.",
        ) from error
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ExchangeError(
                        f"Another process has been starting or stopping the database for {seconds:.0f} s.",
                        place=Place(file=str(path)),
                        remedy="Look for a hanging `exchange` process and end it.",
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)
