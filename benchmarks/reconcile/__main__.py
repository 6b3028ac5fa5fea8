"""The canonical voter-response mart: built from scratch, and after 100,000 more responses.

    python -m benchmarks.reconcile                                   # 2, 5 and 20 million responses, 2 M voters
    python -m benchmarks.reconcile --responses 200000 --voters 80000 # a quick look

Exit code 1 if a bound is missed or a row is wrong. 20 M responses: 12 GB of disk. Do not edit models or macros
meanwhile: a changed model is built anew.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks.matching.__main__ import working_folder
from benchmarks.matching.report import Bound, show
from benchmarks.matching.store import running_server
from benchmarks.reconcile import duck, generate, naive
from benchmarks.reconcile.warehouse import Cost, Warehouse
from exchange.warehouse.connection import connect

# a full build of fewer is told, not judged: the catalogue's part in it weighs more than in DuckDB's
LEAST_FOR_BOUNDS = 5_000_000
Costs = dict[str, float]


def measure(world: generate.World, folder: Path, options: argparse.Namespace) -> Costs:
    """One size, all ways, printed as they come. CPU seconds."""
    generate.write(world, folder)
    found: Costs = {}

    def told(name: str, cost: Cost | float, note: str = "") -> None:
        found[name] = cost.server if isinstance(cost, Cost) else cost
        client = f"  + dbt itself {cost.client:.1f}" if isinstance(cost, Cost) and cost.client else ""
        print(f"{world.label:18}{name:34}{found[name]:9.1f}{client}{note}", flush=True)

    told("DuckDB, packed aggregate", duck.cpu_of(duck.PACKED, folder, options.repeat))
    told("DuckDB, all columns", duck.cpu_of(duck.ALL_COLUMNS, folder, options.repeat))
    with running_server(folder / "home") as settings:
        with connect(settings, autocommit=True) as conn:
            # what it did would be counted as the step's that just runs
            conn.execute("alter system set autovacuum = off")
            conn.execute("select pg_reload_conf()")
        warehouse = Warehouse(settings, folder)
        warehouse.load()
        builds = [warehouse.build(full=True) for _ in range(options.repeat)]
        told("full build", min(builds, key=lambda cost: cost.server))
        if world.responses <= options.check:
            told("rows other than DuckDB's", wrong_rows(warehouse, folder))
        if not options.without_naive:
            naive.load(warehouse)
            told("naive DISTINCT ON over text", naive.build(warehouse))
        told("again, nothing new", warehouse.build(full=False))
        told(f"+{world.batch:,}: facts written", warehouse.append())
        told(f"+{world.batch:,}: mart", warehouse.build(full=False))
        warehouse.keep()
        told("full build after it", warehouse.build(full=True))
        told("rows other than a full build's", warehouse.differing())
    return found


def wrong_rows(warehouse: Warehouse, folder: Path) -> float:
    """Rows of the mart that the deliveries do not give, and the other way round."""
    with duck.connect() as con:
        duck.exact(con, folder, generate.feeds())
        warehouse.stored(con)
        return float(duck.differing(con))


def judged(world: generate.World, found: Costs, smallest: Costs | None) -> list[Bound]:
    """The bounds of one size. The mart's part of +100 k is held against the mart's full build."""
    wrong = found.get("rows other than DuckDB's", 0) + found["rows other than a full build's"]
    bounds = [Bound(f"{world.label}: wrong rows", wrong, 0, False)]
    if world.responses < LEAST_FOR_BOUNDS:
        return bounds
    full, more = found["full build"], found[f"+{world.batch:,}: mart"]
    bounds.append(Bound(f"{world.label}: full ÷ DuckDB, packed", full / found["DuckDB, packed aggregate"], 3, False))
    bounds.append(Bound(f"{world.label}: full ÷ DuckDB, all columns", full / found["DuckDB, all columns"], 3, False))
    if "naive DISTINCT ON over text" in found:
        bounds.append(Bound(f"{world.label}: full ÷ naive", full / found["naive DISTINCT ON over text"], 0.5, False))
    if smallest:
        bounds.append(Bound(f"{world.label}: +100 k ÷ full", more / full, 0.15, False))
        least = smallest[f"+{world.batch:,}: mart"]
        bounds.append(Bound(f"{world.label}: +100 k ÷ +100 k at the smallest", more / least, 1.5, False))
    return bounds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--responses", type=int, nargs="+", default=[2_000_000, 5_000_000, 20_000_000])
    parser.add_argument("--voters", type=int, default=2_000_000)
    parser.add_argument("--batch", type=int, default=generate.BATCH)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=2, help="runs of each full build; the cheapest counts")
    parser.add_argument("--check", type=int, default=5_000_000, help="up to here every row is held against DuckDB's")
    parser.add_argument("--without-naive", action="store_true")
    parser.add_argument("--dir", type=Path, help="where to work; default: a temporary folder")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; CPU s of the server, one process")
    bounds: list[Bound] = []
    smallest: Costs | None = None
    for responses in sorted(options.responses):
        world = generate.World(responses, options.voters, options.batch, options.seed)
        with working_folder(options.dir, options.keep) as folder:
            found = measure(world, folder, options)
        bounds += judged(world, found, smallest if responses >= 10 * min(options.responses) else None)
        smallest = smallest or found
    show(bounds)
    return 0 if all(bound.holds for bound in bounds) else 1


if __name__ == "__main__":
    sys.exit(main())
