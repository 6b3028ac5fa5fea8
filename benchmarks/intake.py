"""Intake against a raw client COPY of the same bytes into the same server: what exactness costs.

    python benchmarks/intake.py --rows 5000000

Makes a generic_contacts file of 14 columns (157 bytes a row), takes it as a feed's file, and copies it raw into a
table of the same columns whose lineage is a default. Needs about 6 times the file's size below --dir.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from exchange.intake import raw_tables, take_files
from exchange.intake.clock import begin_refresh
from exchange.settings import PROJECT_ROOT, Settings
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import connect, ensure_running
from exchange.warehouse.server import EmbeddedServer

COLUMNS = (
    "record_id,contact_key,person_id,first_name,last_name,address,city,state,zip,phone,"
    "contacted_at,channel,question,answer"
)
TARGETS = {"wall": 1.5, "cpu": 2.0, "client_mb": 150.0}
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class BenchmarkFeed:
    """The feed that delivers the file."""

    feed_id: str = "benchmark"
    partner_id: str = "benchmark"
    file_format: str = "generic_contacts"
    location: str = "benchmark"
    file_pattern: str = "*.csv"
    coverage: str = "delta"
    min_rows: int | None = None
    max_reject_share: float | None = None


@dataclass(frozen=True)
class Cost:
    """One run. Seconds; the server's are its backend's own; client_mb is the client process's peak."""

    rows: int
    wall: float
    client_cpu: float
    server_cpu: float
    client_mb: float

    @property
    def cpu(self) -> float:
        return self.client_cpu + self.server_cpu


def write_file(path: Path, rows: int) -> None:
    """`rows` contacts; every third address holds a comma and is quoted, as from a real tool."""
    pick = random.Random(7)
    names = ["Maria", "James", "Aaliyah", "Zoë", "Robert", "Wei", "Nguyễn", "Smith", "O'Brien", "Kowalczyk"]
    streets = ["Woodward Ave", "Michigan Ave", "Gratiot Ave", "Livernois Ave", "Martin Luther King Jr Blvd"]
    # a few thousand different line ends are made once: 5 million rows should take seconds, not minutes
    ends = []
    for number in range(5000):
        street = f"{pick.randrange(1, 30_000)} {pick.choice(streets)}"
        address = f'"{street}, Apt {number % 90}"' if number % 3 == 0 else street
        person = f"{pick.choice(names)},{pick.choice(names)},{address},Detroit,MI,{pick.randrange(48001, 49971)}"
        when = f"2026-{pick.randrange(1, 13):02}-{pick.randrange(1, 29):02}T{pick.randrange(9, 21):02}:15:00-05:00"
        answer = f"+1313{pick.randrange(10**6, 10**7)},{when},door,Support for President?,{pick.randrange(1, 6)}"
        ends.append(f"{person},{answer}\n")
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(COLUMNS + "\n")
        for start in range(0, rows, 5000):
            numbers = range(start, min(start + 5000, rows))
            file.write("".join([f"r{n:09},k{n // 2:09},{n % 700_000:08}," + ends[n % 5000] for n in numbers]))


def copy_raw(conn: psycopg.Connection[Any], path: Path) -> int:
    """The yardstick: the file's bytes as they are, 1 MiB at a time."""
    with conn.transaction():
        cursor = conn.cursor()
        with (
            path.open("rb", buffering=0) as file,
            cursor.copy(f"copy raw.yardstick ({COLUMNS}) from stdin (format csv, header)".encode()) as copy,
        ):
            while part := file.read(1 << 20):
                copy.write(part)
    return cursor.rowcount


def take(conn: psycopg.Connection[Any], settings: Settings) -> int:
    """The whole of intake: hash, archive, filter, COPY, account, commit."""
    refresh_id = begin_refresh(conn, settings, "benchmark")
    result = take_files(conn, settings, BenchmarkFeed(), refresh_id)
    if result.refused:
        raise result.refused[0].error
    return result.loaded[0].loaded


def run_one(way: str, home: Path, path: Path) -> Cost:
    """One way, in this process: its peak memory is the process's."""
    settings = Settings(home=home, database_url=None)
    with connect(settings, "loader", autocommit=True) as conn:
        backend = conn.info.backend_pid
        server, client, wall = backend_cpu(backend), own_cpu(), time.monotonic()
        rows = copy_raw(conn, path) if way == "copy" else take(conn, settings)
        wall = time.monotonic() - wall
        return Cost(
            rows=rows,
            wall=wall,
            client_cpu=own_cpu() - client,
            server_cpu=backend_cpu(backend) - server,
            client_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )


def own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def backend_cpu(pid: int) -> float:
    """User and system seconds of a Postgres backend on this machine."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


@contextmanager
def running_server(settings: Settings) -> Iterator[None]:
    try:
        ensure_running(settings)
        bootstrap(settings)
        yield
    finally:
        EmbeddedServer(settings).stop()


def reset(settings: Settings) -> None:
    """Empty tables and a checkpoint, so that no run pays for the one before."""
    with connect(settings, "loader", autocommit=True) as conn:
        raw_tables.create(conn)
        conn.execute("truncate raw.generic_contacts, raw.seen_file, raw.rejected_row, raw.file")
        conn.execute("drop table if exists raw.yardstick")
        columns = ", ".join(f"{name} text" for name in COLUMNS.split(","))
        conn.execute(f"create table raw.yardstick ({columns}, _file_id bigint default 1)".encode())
    with connect(settings, autocommit=True) as conn:
        conn.execute("checkpoint")


def in_own_process(way: str, home: Path, path: Path) -> Cost:
    command = [sys.executable, __file__, "--way", way, "--dir", str(home), "--file", str(path)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT).stdout
    return Cost(**json.loads(output))


def compare(rows: int, folder: Path, repeat: int) -> bool:
    """Run both ways in turn, print the best of each and the ratios; whether all targets are met."""
    settings = Settings(home=folder / "home", database_url=None)
    path = settings.inbox / "benchmark" / "contacts.csv"
    path.parent.mkdir(parents=True)
    write_file(path, rows)
    runs: dict[str, list[Cost]] = {"copy": [], "intake": []}
    with running_server(settings):
        for _ in range(repeat):
            for way, costs in runs.items():
                reset(settings)
                costs.append(in_own_process(way, settings.home, path))
                assert costs[-1].rows == rows
    print(f"{rows} rows, {path.stat().st_size / 1e6:.0f} MB, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'':8}{'wall s':>8}{'krow/s':>8}{'CPU s client':>14}{'server':>8}{'client MB':>11}")
    for way, costs in runs.items():
        for cost in costs:
            print(
                f"{way:8}{cost.wall:8.1f}{cost.rows / cost.wall / 1000:8.0f}{cost.client_cpu:14.1f}"
                f"{cost.server_cpu:8.1f}{cost.client_mb:11.0f}"
            )
    return judged(*(min(costs, key=lambda cost: cost.cpu) for costs in runs.values()))


def judged(copy: Cost, intake: Cost) -> bool:
    measured = {"wall": intake.wall / copy.wall, "cpu": intake.cpu / copy.cpu, "client_mb": intake.client_mb}
    for name, target in TARGETS.items():
        met = "met" if measured[name] <= target else "MISSED"
        print(f"{name:10}{measured[name]:8.2f}  target {target:g}  {met}")
    return all(measured[name] <= target for name, target in TARGETS.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--repeat", type=int, default=1, help="runs of each way; the cheapest counts")
    parser.add_argument("--dir", type=Path, help="where to work; default: a temporary folder")
    parser.add_argument("--way", choices=["copy", "intake"], help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(asdict(run_one(options.way, options.dir, options.file))))
        return 0
    with tempfile.TemporaryDirectory(prefix="exchange-benchmark-", dir=options.dir) as folder:
        return 0 if compare(options.rows, Path(folder), options.repeat) else 1


if __name__ == "__main__":
    sys.exit(main())
