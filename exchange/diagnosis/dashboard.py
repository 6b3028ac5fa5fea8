"""The dashboard's address, and the provider people may sign in with. Asks neither."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from exchange.diagnosis.finding import Finding
from exchange.settings import Settings

_LOCAL = ("127.0.0.1", "localhost", "::1")


def address(settings: Settings) -> Iterator[Finding]:
    url = settings.dashboard_url
    if url is None:
        yield Finding("dashboard", "ok", "The dashboard is for this machine: EXCHANGE_DASHBOARD_URL is unset")
    elif url.startswith("http:") and urlsplit(url).hostname not in _LOCAL:
        message = f"{url} has no TLS: passwords and voters' rows cross the network in the clear."
        yield Finding("dashboard", "wrong", message, "Serve it by https, and set EXCHANGE_DASHBOARD_URL to that.")
    else:
        yield Finding("dashboard", "ok", f"People open the dashboard at {url}")


def provider(settings: Settings) -> Iterator[Finding]:
    """OpenID Connect: all three settings, or none."""
    wanted = {
        "EXCHANGE_OIDC_ISSUER": settings.oidc_issuer,
        "EXCHANGE_OIDC_CLIENT_ID": settings.oidc_client_id,
        "EXCHANGE_OIDC_CLIENT_SECRET": settings.oidc_client_secret,
    }
    missing = [name for name, value in wanted.items() if value is None]
    if len(missing) == len(wanted):
        return
    if missing:
        message = f"{' and '.join(missing)} must be set too: nobody signs in by {settings.oidc_issuer or 'a provider'}."
        yield Finding("sign-in", "wrong", message, "Set all three EXCHANGE_OIDC_ settings, or none.")
    else:
        yield Finding("sign-in", "ok", f"People may sign in by {settings.oidc_issuer}")
