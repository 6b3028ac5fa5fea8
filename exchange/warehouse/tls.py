"""The embedded server's certificate: two settings, or two files in EXCHANGE_HOME/tls. Without it there is no TLS."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from exchange.errors import ExchangeError, Place
from exchange.settings import Settings

SETTINGS = {"ssl": "on", "ssl_cert_file": "server.crt", "ssl_key_file": "server.key"}


@dataclass(frozen=True)
class Certificate:
    """PEM texts: the certificate, with its chain behind it, and its key."""

    chain: str
    key: str


def certificate_files(settings: Settings) -> tuple[Path, Path] | None:
    """Where certificate and key lie; None: this exchange has none. Raises ExchangeError for one without the other."""
    folder = settings.home / "tls"
    cert = settings.tls_cert or folder / "server.crt"
    key = settings.tls_key or folder / "server.key"
    is_wanted = settings.tls_cert is not None or settings.tls_key is not None or cert.exists() or key.exists()
    if not is_wanted:
        return None
    for path in (cert, key):
        if not path.is_file():
            raise ExchangeError(
                "The certificate of the database server is not whole.",
                place=Place(file=str(path)),
                expected="two files: a certificate (with its chain) and its key, in PEM form",
                remedy="Set EXCHANGE_TLS_CERT and EXCHANGE_TLS_KEY, or put server.crt and server.key into "
                f"{folder}; for a server without TLS, remove both.",
            )
    return cert, key


def read_certificate(settings: Settings) -> Certificate | None:
    """The certificate; None: this exchange has none. Raises ExchangeError if the server could not use it."""
    files = certificate_files(settings)
    if files is None:
        return None
    cert, key = files
    try:
        # a key with a password would stop the server's start with a question: an empty one is refused here
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password=lambda: "")
        return Certificate(cert.read_text(), key.read_text())
    except (ssl.SSLError, ValueError) as error:
        raise ExchangeError(
            "Certificate and key of the database server do not fit together or cannot be read.",
            place=Place(file=f"{cert} and {key}"),
            expected="a certificate in PEM form and its key, without a password",
            got=str(error) or type(error).__name__,
        ) from error
