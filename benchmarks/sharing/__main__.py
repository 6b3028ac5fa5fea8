"""What partners see, computed and published: from scratch, after 10,000 and after 100,000 more answers; views read.

    python -m benchmarks.sharing                                        # 5 M responses; 12 and 100 partners
    python -m benchmarks.sharing --responses 200000 --voters 80000      # a quick look

Exit code 1 if a bound is missed. 5 M responses: 15 GB of disk for 100 partners. Do not edit models or macros meanwhile.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks.matching.__main__ import working_folder
from benchmarks.matching.report import Bound, show
from benchmarks.sharing import reading, registry
from benchmarks.sharing.warehouse import Cost, Warehouse, warehouse
from benchmarks.sharing.world import World

SMALL, LARGE = 10_000, 100_000
BASE, PUBLISHED = "marts.fct_voter_responses", "published.voter_responses"


def measure(
    folder: Path, partners: registry.Partners, options: argparse.Namespace
) -> tuple[dict[str, Cost], list[Bound]]:
    """One number of partners, printed as it comes."""
    world = World(options.responses, options.voters, partners.contributors, options.seed)
    label = f"{partners.total} partners"
    costs: dict[str, Cost] = {}
    with warehouse(folder, partners, world) as built:

        def told(name: str, *, full: bool = False) -> None:
            cost = costs[name] = built.refresh(full=full)
            print(
                f"{label:14}{name:22}{cost.all:8.1f}  models {cost.models:.1f}, publication {cost.publication:.1f};"
                f" client {cost.client:.1f}",
                flush=True,
            )

        told("full build", full=True)
        [(audiences,)] = built.rows("select count(distinct audience_id) from sharing.audiences")
        counts = built.rows(
            "select relation, sum(row_count) from published.audience_state where relation <> '' group by 1"
        )
        print(f"{label:14}{audiences} audiences; rows published: " + ", ".join(f"{n} {c:,}" for n, c in counts))
        told("nothing new")
        for size in (SMALL, LARGE, SMALL, LARGE):
            built.arrive(size)
            told(f"+{size:,}")
        bounds = reads(built, label)
        sizes = {name: built.megabytes(name) for name in (BASE, "marts.fct_contacts", *built.published())}
        print(f"{label:14}MB with indexes: " + ", ".join(f"{name} {size:,.0f}" for name, size in sizes.items()))
        bounds.append(Bound(f"{label}: {PUBLISHED} ÷ {BASE}, MB", sizes[PUBLISHED] / sizes[BASE], 3, False))
        bounds.append(
            Bound(f"{label}: +10 k ÷ +100 k", costs[f"+{SMALL:,}"].all / costs[f"+{LARGE:,}"].all, 0.25, False)
        )
        wrong = differing(built)
        bounds.append(Bound(f"{label}: rows other than a full build's", wrong, 0, False))
    return costs, bounds


def reads(built: Warehouse, label: str) -> list[Bound]:
    """Views of a partner of all states and of one of two, against a table without rules."""
    reading.make_yardstick(built)
    bounds = []
    for order in ("states <> '*'", "states = '*'"):
        [(role, states)] = built.rows(
            f"select share_schema, states from sharing.audiences order by {order}, partner_id limit 1"
        )
        state = registry.STATES[0] if states == "*" else states.split()[0]
        for name, ratio in reading.ratios(built, role, state).items():
            bounds.append(Bound(f"{label}, states {states}: view ÷ table, {name}", ratio, 2, False))
    return bounds


def differing(built: Warehouse) -> int:
    """Parts of relations whose rows are others after a build from nothing."""
    query = "select audience_id, relation, row_count, digest from published.audience_state"
    kept = set(built.rows(query))
    built.refresh(full=True)
    return len(kept ^ set(built.rows(query)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--responses", type=int, default=5_000_000)
    parser.add_argument("--voters", type=int, default=1_000_000)
    parser.add_argument("--partners", type=int, nargs="+", default=[12, 100])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dir", type=Path, help="where to work; default: a temporary folder")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; CPU s of the server")
    bounds: list[Bound] = []
    found = []
    for total in options.partners:
        with working_folder(options.dir, options.keep) as folder:
            costs, missed = measure(folder / f"partners_{total}", registry.Partners(total), options)
        found.append(costs[f"+{LARGE:,}"].all)
        bounds += missed
    if len(found) > 1:
        bounds.append(
            Bound(f"+100 k: {options.partners[-1]} ÷ {options.partners[0]} partners", found[-1] / found[0], 2, False)
        )
    show(bounds)
    return 0 if all(bound.holds for bound in bounds) else 1


if __name__ == "__main__":
    sys.exit(main())
