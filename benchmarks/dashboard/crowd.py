"""Fifty people at once against one person who walks the same way, each time with a dashboard that has just started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.dashboard.clock import Clock, used
from benchmarks.dashboard.report import Report, percentile, quartiles
from benchmarks.dashboard.serving import client, serving
from exchange.settings import PROJECT_ROOT, Settings

PEOPLE, THINK_S, SECONDS = 50, 5.0, 120
# as many clicks of one person as tell a ninety-fifth percentile
ALONE_THINK_S, ALONE_SECONDS = 0.2, 60


def crowd(settings: Settings, cookie: str, tokens: Sequence[str], counties: Sequence[str], report: Report) -> None:
    """tokens: one per person."""
    plan = {"cookie": cookie, "counties": counties, "seed": 1}
    alone, _, _ = _walked(settings, {**plan, "tokens": tokens[:1], "seconds": ALONE_SECONDS, "think_s": ALONE_THINK_S})
    _tell(report, "one person", alone)
    together, memory, cpu = _walked(settings, {**plan, "tokens": tokens, "seconds": SECONDS, "think_s": THINK_S})
    _tell(report, f"{len(tokens)} people", together)
    for kind in sorted({click["kind"] for click in together}):
        seconds = [click["seconds"] for click in together if click["kind"] == kind]
        report.tell(f"  {kind}: clicks, median and p95 ms", f"{len(seconds)}, {_milliseconds(seconds)}")
    wrong = [click for click in (*alone, *together) if click["status"] != "200"]
    for click in wrong[:5]:
        report.tell("error", f"{click['status']} {click['path']}")
    report.judge(f"{len(tokens)} people: errors", len(wrong), 0)
    p95 = [percentile([click["seconds"] for click in clicks], 0.95) for clicks in (alone, together)]
    report.judge(f"{len(tokens)} people: p95 ÷ one person's", p95[1] / p95[0], 8)
    report.judge(f"{len(tokens)} people: growth of the server's memory", memory[1] / memory[0], 1.5)
    report.tell("memory before and after, MB", f"{memory[0]:.0f}, {memory[1]:.0f}")
    # how many people a machine bears, however busy this one is
    report.tell(
        "CPU ms per click: dashboard, database", ", ".join(f"{1000 * each / len(together):.0f}" for each in cpu)
    )
    report.tell("load of the machine", f"{os.getloadavg()[0]:.1f}")


Pair = tuple[float, float]


def _walked(settings: Settings, plan: dict[str, Any]) -> tuple[list[dict[str, Any]], Pair, Pair]:
    """The clicks; the dashboard's MB before and after; CPU seconds of dashboard and database.

    The first visitor has been there before.
    """
    clock = Clock.of(settings)
    with serving(settings) as server:
        with client(server, plan["cookie"], plan["tokens"][0]) as browser:
            for path in ("/", "/voters", "/coverage"):
                browser.get(path).raise_for_status()
        before = server.megabytes()
        cpu = used(server.process.pid), clock.server_seconds()
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.dashboard.load"],
            input=json.dumps({**plan, "url": server.url}),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            cwd=PROJECT_ROOT,
        )
        spent = used(server.process.pid) - cpu[0], clock.server_seconds() - cpu[1]
        return json.loads(done.stdout), (before, server.megabytes()), spent


def _tell(report: Report, who: str, clicks: list[dict[str, Any]]) -> None:
    seconds = [click["seconds"] for click in clicks]
    median, p95, p99 = (1000 * value for value in quartiles(seconds))
    report.tell(f"{who}: clicks; p50, p95, p99 ms", f"{len(clicks)}; {median:.0f}, {p95:.0f}, {p99:.0f}")


def _milliseconds(seconds: list[float]) -> str:
    median, p95, _ = quartiles(seconds)
    return f"{1000 * median:.0f}, {1000 * p95:.0f}"
