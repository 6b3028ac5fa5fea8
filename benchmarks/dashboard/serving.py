"""`python -m dashboard` as `exchange up` starts it, over HTTP: how soon it answers, what a page weighs, a list."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import httpx

from benchmarks.dashboard.report import Report
from benchmarks.reconcile.exchange_home import Exchange
from exchange.settings import PROJECT_ROOT, Settings

# a day's quota is no part of what is measured
_UNLIMITED = {"EXCHANGE_EXPORTS_PER_DAY": "1000000000"}
LIST = 50_000
Filters = tuple[tuple[str, str], ...]
_FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')
ASSET = re.compile(r'<(?:link|script|img)[^>]*?(?:href|src)="([^"]+)"')


@dataclass(frozen=True)
class Server:
    """One process of the dashboard. started_s: until it answered."""

    process: subprocess.Popen[bytes]
    url: str
    started_s: float

    def megabytes(self, field: str = "VmRSS") -> float:
        """Its memory; VmHWM: the most it ever had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

    def forget_peak(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")


@contextmanager
def serving(settings: Settings) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**Exchange(settings.home).environment, "EXCHANGE_AS_OF": os.environ["EXCHANGE_AS_OF"], **_UNLIMITED}
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "--port", str(port)], cwd=PROJECT_ROOT, env=environment
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(process, f"{url}/healthz")
        yield Server(process, url, time.monotonic() - started)
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.02)
    raise RuntimeError("the dashboard does not answer")


def client(server: Server, cookie: str, token: str) -> httpx.Client:
    return httpx.Client(base_url=server.url, cookies={cookie: token}, timeout=60)


def start(server: Server, browser: httpx.Client, report: Report) -> None:
    """Until it answers, and what the first pages weigh with all that they load."""
    report.judge("start until /healthz answers, s", server.started_s, 10)
    report.tell("memory after the start, MB", server.megabytes())
    outside = 0
    for path in ("/", "/voters"):
        response = browser.get(path)
        response.raise_for_status()
        addresses = {urljoin(f"{server.url}{path}", asset) for asset in ASSET.findall(response.text)}
        outside += sum(not address.startswith(f"{server.url}/") for address in addresses)
        assets = {address: len(browser.get(address).content) for address in sorted(addresses)}
        report.tell(
            f"{path}: kB",
            f"HTML {len(response.content) / 1000:.0f}; "
            + ", ".join(f"{address.rpartition('/')[2]} {size / 1000:.0f}" for address, size in assets.items()),
        )
        whole = (len(response.content) + sum(assets.values())) / 1000
        if path == "/":
            report.judge("first page after the sign-in and all that it loads, kB", whole, 150)
        else:
            report.judge(f"{path}: HTML, kB", len(response.content) / 1000, 150)
            report.tell(f"{path}: opened first, with all that it loads, kB", whole)
    report.judge("addresses outside of ours", outside, 0)


def export(server: Server, browser: httpx.Client, filters: Filters, report: Report) -> None:
    """A list of fifty thousand people or a little fewer."""
    page = browser.get("/export", params=filters)
    page.raise_for_status()
    [token] = set(_FIELD.findall(page.text))
    form = {
        "csrf_token": token,
        "filter": str(httpx.QueryParams(filters)),
        "sort": "",
        "kind": "csv",
        "purpose": "Benchmark of the dashboard",
    }
    # imports and buffers of the first list are not what a list costs
    for round_no in range(3):
        before = server.megabytes()
        server.forget_peak()
        started = time.monotonic()
        first = 0.0
        size = 0
        with browser.stream("POST", "/export", data=form) as response:
            response.raise_for_status()
            assert response.headers["content-type"] == "application/zip", response.read()[:2000]
            for piece in response.iter_raw():
                first = first or time.monotonic() - started
                size += len(piece)
        whole = time.monotonic() - started
        grown = server.megabytes("VmHWM") - before
        report.tell(
            f"list {round_no + 1}",
            f"{size / 1e6:.1f} MB in {whole:.2f} s, first byte after {first:.3f} s, memory + {grown:.0f} MB",
        )
    report.judge("list: first byte ÷ whole", first / whole, 0.1)
    report.judge("list: growth of memory, MB", grown, 20)
