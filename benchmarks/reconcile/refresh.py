"""From a file of 100,000 rows in the inbox to the moment every partner sees it: `exchange refresh`, the whole of it.

    python -m benchmarks.reconcile.refresh --responses 200000      # a trial
    python -m benchmarks.reconcile.refresh                         # 5 M responses in store, 12 partners

The demo exchange at that size, in a folder of its own. Printed: seconds and CPU seconds of every step, and of the dbt
nodes that cost most; the same for a refresh with nothing new, and in a tiny exchange, where only what is fixed is left.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.matching.__main__ import working_folder
from benchmarks.reconcile.exchange_home import Exchange
from benchmarks.reconcile.sampling import Sampler
from exchange.settings import PROJECT_ROOT
from exchange.warehouse.server import EmbeddedServer

# of the contact rows of the demo about half hold an answer that reaches the mart
ROWS_PER_RESPONSE = 2.0
_STEP = re.compile(r"^  ok    (.{42}) (.{44}) +([\d.]+) s$")
TINY = 300


def refresh(exchange: Exchange, title: str) -> None:
    """One `exchange refresh`, told step by step. Raises RuntimeError with its words if it fails."""
    started = time.monotonic()
    running = exchange.command("refresh")
    sampler = Sampler(exchange.settings, running.pid, started)
    said, steps = [], []
    assert running.stdout is not None, "a pipe"
    for line in running.stdout:
        said.append(line)
        if found := _STEP.match(line.rstrip("\n")):
            steps.append((time.monotonic() - started, found[1].strip(), found[2].strip(), float(found[3])))
    code = running.wait()
    wall = time.monotonic() - started
    sampler.stop()
    if code:
        raise RuntimeError("".join(said[-60:]))
    print(f"\n{title}: {wall:.1f} s\n  {'':44}{'wall s':>8}{'client':>9}{'server':>9}")
    start = steps[0][0] - steps[0][3] if steps else wall
    _row("imports, dbt parse, start of the run", start, sampler, 0, start)
    for end, name, summary, seconds in steps:
        if seconds >= 0.5 or summary != "nothing new":
            _row(name, seconds, sampler, start, end, summary)
        start = end
    _row("end", wall - start, sampler, start, wall)
    _row("all", wall, sampler, 0, wall)
    for who, seconds in sampler.by_who("client"):
        print(f"    client  {seconds:8.1f}  {who}")
    for who, seconds in sampler.by_who("server")[:25]:
        if seconds >= 0.3:
            print(f"    server  {seconds:8.1f}  {who}")


def _row(name: str, seconds: float, sampler: Sampler, since: float, until: float, note: str = "") -> None:
    client, server = sampler.total("client", since, until), sampler.total("server", since, until)
    print(f"  {name:44}{seconds:8.1f}{client:9.1f}{server:9.1f}  {note}", flush=True)


def fixed() -> None:
    """What every refresh pays before its first step."""
    for what, code in (
        ("import of Dagster and the project", "import dagster, dagster_dbt"),
        ("import of the CLI", "import exchange.cli"),
    ):
        started = time.monotonic()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=PROJECT_ROOT)
        print(f"  {what:44}{time.monotonic() - started:8.1f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--responses", type=int, default=5_000_000)
    parser.add_argument("--voters", type=int, help="default: two fifths of the responses")
    parser.add_argument("--rows", type=int, default=100_000, help="of the new file")
    parser.add_argument("--dir", type=Path, help="where to work; default: a temporary folder")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--without-tiny", action="store_true")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; CPU s of client and server")
    sizes = [
        (
            "store",
            options.voters or options.responses * 2 // 5,
            int(options.responses * ROWS_PER_RESPONSE),
            options.rows,
        )
    ]
    if not options.without_tiny:
        fixed()
        sizes.insert(0, ("tiny", TINY, 3 * TINY, 100))
    with working_folder(options.dir, options.keep) as folder:
        for name, voters, contacts, rows in sizes:
            exchange = Exchange(folder / name)
            exchange.done("demo", "--out", str(exchange.home), "--voters", str(voters), "--contacts", str(contacts))
            try:
                # before anything is measured: a first start makes the database
                exchange.done("db", "start")
                refresh(exchange, f"{name}: first refresh, {voters:,} voters, {contacts:,} contact rows")
                print(f"  {exchange.responses():,} responses in store")
                exchange.deliver(rows)
                refresh(exchange, f"{name}: {rows:,} rows more")
                refresh(exchange, f"{name}: nothing new")
                print(f"  {exchange.responses():,} responses in store")
            finally:
                EmbeddedServer(exchange.settings).stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
