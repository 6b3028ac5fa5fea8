"""`python -m dashboard`: serve the dashboard. `exchange up` starts it; behind a proxy with TLS start it by hand."""

from __future__ import annotations

import argparse

import uvicorn

from dashboard.app import create_app
from exchange.settings import Settings
from exchange.warehouse.ports import LOOPBACK


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dashboard", description="Serve the dashboard of this exchange.")
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8080)
    arguments = parser.parse_args()
    uvicorn.run(
        create_app(Settings(), is_kept_warm=True),
        host=arguments.host,
        port=arguments.port,
        log_level="warning",
        # addresses hold filters: whom somebody looks for is nobody's business but the export log's
        access_log=False,
        server_header=False,
        # what a client says about itself counts only where a proxy of ours said it
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    main()
