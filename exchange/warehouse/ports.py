"""Which port of 127.0.0.1 the embedded server listens on."""

from __future__ import annotations

import socket
import struct
from contextlib import closing, suppress
from pathlib import Path

from exchange.errors import ExchangeError

LOOPBACK = "127.0.0.1"
# a connection begins with this packet: its length, and a number that is no protocol version
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
# on an overloaded machine the fork of a backend takes seconds
ANSWER_SECONDS = 15.0


def choose_port(fixed: int | None, last_used: Path, retry: bool) -> int:
    """The port asked for; else the last one, so that saved connections go on working; else any free one.

    `last_used`: a file that holds a number, or nothing yet. `retry`: the last choice was taken after all.
    Raises ExchangeError when the port asked for is taken.
    """
    if fixed is not None:
        if retry or not is_free(fixed):
            raise ExchangeError(
                f"Port {fixed} of {LOOPBACK} is taken by another process.",
                remedy="End that process, or change or unset EXCHANGE_DATABASE_PORT.",
            )
        return fixed
    with suppress(OSError, ValueError):
        last = int(last_used.read_text())
        if not retry and is_free(last):
            return last
    return any_free_port()


def any_free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether a Postgres serves this port now: it is asked for TLS and its yes, no or error is awaited."""
    with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=ANSWER_SECONDS) as probe:
        probe.settimeout(ANSWER_SECONDS)
        probe.sendall(SSL_REQUEST)
        return bool(probe.recv(1))
    return False


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with closing(socket.socket()) as probe:
        # as servers do: connections of the last run that linger in TIME_WAIT do not count
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except (OSError, OverflowError):
            return False
        return True
