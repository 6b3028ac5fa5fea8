"""The dashboard over a million voters: pages, counts, fifty people at once, a list, the start.

    python -m benchmarks.dashboard --home BIG_DISK        # builds the worlds at the first run: some minutes
    python -m benchmarks.dashboard --home BIG_DISK --only pages counts
    python -m benchmarks.dashboard --voters 20000 --contacts 50000 --only counts      # a quick look

Exit code 1 if a bound is missed. The worlds stay in --home: 11 GB for a million voters.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.dashboard import crowd, explorer, serving
from benchmarks.dashboard.asking import Asker, asker, cookie, signed_in
from benchmarks.dashboard.home import opened
from benchmarks.dashboard.report import Report
from benchmarks.dashboard.world import World
from exchange.settings import Settings

PARTS = ("pages", "growth", "counts", "start", "list", "crowd")


async def inside(settings: Settings, parts: Sequence[str], report: Report) -> None:
    """What can be measured in this process."""
    async with asker(settings) as asked:
        if "pages" in parts:
            await explorer.pages(asked, report)
            await explorer.selective(asked, report)
        if "counts" in parts:
            await explorer.cubes(asked, report)
            await explorer.toggles(asked, report)
            await explorer.after_publication(asked, report)


async def growth(settings: Settings, quarter: Settings, report: Report) -> None:
    async with asker(settings) as large, asker(quarter) as small:
        await explorer.growth(large, small, report)


async def people(settings: Settings, count: int) -> tuple[list[str], list[str], serving.Filters]:
    """Tokens of so many sessions; the counties, largest first; filters of a list that is as long as lists may be."""
    async with asker(settings) as asked:
        counties = await explorer.counties(asked)
        return await signed_in(asked.app, settings, count), counties, await _long_list(asked, counties)


async def _long_list(asked: Asker, counties: Sequence[str]) -> serving.Filters:
    chosen: list[tuple[str, str]] = []
    for county in counties:
        pairs = [("suppressed", "no"), *chosen, ("county", county)]
        async with asked.inquiry(pairs) as question:
            if (await question.counts()).total <= serving.LIST:
                chosen.append(("county", county))
        # the smallest would take long to ask for, and add little
        if len(chosen) == 5:
            break
    return (("suppressed", "no"), *chosen)


def outside(settings: Settings, parts: Sequence[str], report: Report) -> None:
    """What is measured of a process of its own."""
    count = crowd.PEOPLE if "crowd" in parts else 1
    tokens, counties, filters = asyncio.run(people(settings, count))
    if {"start", "list"} & set(parts):
        with serving.serving(settings) as server, serving.client(server, cookie(settings), tokens[0]) as browser:
            if "start" in parts:
                serving.start(server, browser, report)
            if "list" in parts:
                serving.export(server, browser, filters, report)
    if "crowd" in parts:
        crowd.crowd(settings, cookie(settings), tokens, counties, report)


def measure(home: Path, world: World, parts: Sequence[str], report: Report) -> None:
    with ExitStack() as stack:
        settings = stack.enter_context(opened(home, world))
        asyncio.run(inside(settings, parts, report))
        if "growth" in parts:
            quarter = World(world.voters // 4, world.contacts // 4, world.is_uniform, world.seed)
            asyncio.run(growth(settings, stack.enter_context(opened(home, quarter)), report))
        if {"start", "list", "crowd"} & set(parts):
            outside(settings, parts, report)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voters", type=int, default=1_000_000)
    parser.add_argument("--contacts", type=int, default=2_500_000)
    parser.add_argument("--uniform", action="store_true", help="the worst there is to count, instead of a usual state")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, help="where the worlds are, or will be; default: a temporary folder")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--json", type=Path, help="write all numbers here")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    world = World(options.voters, options.contacts, options.uniform, options.seed)
    report = Report()
    with ExitStack() as stack:
        home = options.home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="exchange-dashboard-")))
        measure(home, world, options.only, report)
    if options.json:
        report.write(options.json, world=vars(world))
    missed = [bound.name for bound in report.bounds if not bound.holds]
    print(f"{len(report.bounds) - len(missed)} bounds hold" + (f"; missed: {', '.join(missed)}" if missed else ""))
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main())
