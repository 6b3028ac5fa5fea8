"""What matching costs as the spine grows, and what 10,000 new identities cost once everything is in Postgres.

    python -m benchmarks.matching.growth                          # 1 and 5 million voters, 100,000 identities
    python -m benchmarks.matching.growth --voters 20000 100000 --identities 20000 --dir BIG_DISK

Exit code 1 if a bound is missed. 5 M voters: 25 GB on disk, an hour on a slow core; --only-engine leaves Postgres out.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from benchmarks.matching import store
from benchmarks.matching.__main__ import working_folder
from benchmarks.matching.cases import Case
from benchmarks.matching.quality import Quality
from benchmarks.matching.report import SCORING_STEPS, Bound, show
from benchmarks.matching.steps import in_own_process

# once per spine, whoever is matched against it
SPINE_STEPS = ("standardize_voters", "frequencies", "voter_keys")
# below, a second of imports and calibration is all that either costs
LEAST_FOR_RATIO = 1_000_000
Costs = dict[str, Any]


def engine(case: Case, world: Path) -> Costs:
    """CPU of match_once() on the world: of the spine, of training, per identity."""
    found = in_own_process("engine", case, world)
    seconds = found["timings"]
    spine = sum(seconds[step] for step in SPINE_STEPS)
    scoring = sum(seconds[step] for step in SCORING_STEPS)
    quality = Quality(**found["without_id"])
    rest = found["cpu"] - spine - scoring - seconds["train"]
    print(
        f"{case.label:14}{spine:9.1f}{seconds['train']:8.1f}{scoring:9.1f}{rest:7.1f}{found['cpu']:8.1f}"
        f"{1e6 * scoring / case.identities:13.0f}{case.identities / scoring:10.0f}{found['memory']:8.2f}"
        f"{quality.precision:9.4f}{quality.lower_bound:8.4f}{quality.of_ceiling:8.3f}",
        flush=True,
    )
    return {"per_identity": scoring / case.identities, "memory": found["memory"], "cpu": found["cpu"]}


def incremental(case: Case, world: Path, home: Path) -> Costs:
    """The steps in Postgres, each in a process of its own; CPU of the client and of the server."""
    with store.running_server(home):

        def run(name: str, *steps: str) -> Costs:
            costs = [store.in_own_process(step, home, world) for step in steps]
            total = {key: sum(cost[key] for cost in costs) for key in ("client", "server", "wall")}
            done = " ".join(f"{key} {cost[key]:,}" for cost in costs for key in ("due", "scored") if key in cost)
            memory = max(cost["memory"] for cost in costs)
            print(
                f"  {name:44}{total['client']:9.1f}{total['server']:9.1f}{total['wall']:9.1f}{memory:7.2f}  {done}",
                flush=True,
            )
            return {"cpu": total["client"] + total["server"], "memory": memory}

        print(f"{case.label}: steps in Postgres\n  {'':44}{'client':>9}{'server':>9}{'wall s':>9}{'GB':>7}")
        store.in_own_process("deliver", home, world)
        peak = [
            run("first load of the spine", "sync_voters")["memory"],
            run("first identities, model, matches", "sync_identities", "train", "match")["memory"],
        ]
        run("again, nothing new", "sync_voters", "sync_identities", "train", "match")
        store.in_own_process("deliver_more", home, world)
        new = run(f"{store.NEW:,} new identities", "sync_identities", "match")
        before = store.in_own_process("digest", home, world)["digest"]
        full = run("full run over all identities", "match_all")
        same = before == store.in_own_process("digest", home, world)["digest"]
        print(f"  matches, weights, posteriors after the full run: {'the same' if same else 'DIFFERENT'}")
        store.in_own_process("deliver_moves", home, world)
        run(f"{store.NEW:,} voters moved", "sync_voters", "match")
    return {"new": new["cpu"], "full": full["cpu"], "same": same, "memory": max([*peak, full["memory"]])}


def judged(engines: list[Costs], increments: list[Costs], sizes: list[int]) -> list[Bound]:
    found = []
    if len(engines) > 1:
        growth = engines[-1]["per_identity"] / engines[0]["per_identity"]
        found.append(Bound("cost per identity, largest ÷ smallest spine", growth, 2.5, False))
    found.append(Bound("engine: peak GB", engines[-1]["memory"], max(2.0, 1.4 * sizes[-1] / 1e6), False))
    if increments:
        last = increments[-1]
        # the full run standardises the spine, finds its keys and trains; scoring is the smaller part of it
        share = last["new"] / engines[-1]["cpu"]
        if sizes[-1] >= LEAST_FOR_RATIO:
            found.append(Bound("new ÷ a full run from the voter file, CPU", share, 0.25, False))
        else:
            print(f"  new ÷ a full run from the voter file: {share:.2f}, judged from {LEAST_FOR_RATIO:,} voters on")
        print(f"  new ÷ scoring all stored identities again: {last['new'] / last['full']:.2f}")
        found.append(Bound("store: peak GB", last["memory"], max(2.0, 1.4 * sizes[-1] / 1e6), False))
        found.append(Bound("full run = incremental run", float(all(found["same"] for found in increments)), 1, True))
    if len(increments) > 1:
        found.append(Bound("new, largest ÷ smallest spine", increments[-1]["new"] / increments[0]["new"], 2, False))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voters", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--identities", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dir", type=Path, help="where to work; default: a temporary folder")
    parser.add_argument("--only-engine", action="store_true", help="without Postgres")
    options = parser.parse_args()
    if options.identities <= store.NEW:
        parser.error(f"--identities must exceed the {store.NEW} that come in later")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; CPU s; engine: one thread")
    print(
        f"{'':14}{'spine':>9}{'train':>8}{'scoring':>9}{'rest':>7}{'all':>8}{'µs/identity':>13}{'per s':>10}{'GB':>8}"
        f"{'P':>9}{'low95':>8}{'R/ceil':>8}"
    )
    engines, increments = [], []
    for voters in options.voters:
        case = Case("usual", options.seed, voters, options.identities)
        with working_folder(options.dir, keep=False) as folder:
            in_own_process("make", case, folder / "world.duckdb")
            engines.append(engine(case, folder / "world.duckdb"))
            if not options.only_engine:
                increments.append(incremental(case, folder / "world.duckdb", folder / "home"))
    bounds = judged(engines, increments, options.voters)
    show(bounds)
    return 0 if all(bound.holds for bound in bounds) else 1


if __name__ == "__main__":
    sys.exit(main())
