"""The embedded server's configuration, from the machine's memory and cores. All sizes in MB."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

MB = 1024 * 1024


def memory_mb() -> int:
    """Memory this process may use: the machine's, or its container's limit if that is less."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limits = [machine]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(path).read_text().strip()
        except OSError:
            continue
        if text.isdigit():
            limits.append(int(text))
    return min(limits) // MB


def _between(value: int, low: int, high: int) -> int:
    return max(low, min(high, value))


def server_settings(major: int, memory: int, cores: int) -> dict[str, str]:
    """postgresql.conf for a server of this major version. An operator's ALTER SYSTEM wins over all of it."""
    settings = {
        "max_connections": "200",
        # touched only as used: idle servers are cheap
        "shared_buffers": f"{_between(memory // 4, 64, 2048)}MB",
        "effective_cache_size": f"{max(128, memory * 6 // 10)}MB",
        "work_mem": f"{_between(memory // 256, 8, 128)}MB",
        "maintenance_work_mem": f"{_between(memory // 32, 64, 1024)}MB",
        # measured: jit never paid, parallel query does not help the reconcile (slices of voters do)
        "jit": "off",
        "max_parallel_workers_per_gather": str(_between(cores // 4, 0, 2)),
        "max_parallel_maintenance_workers": str(_between(cores // 2, 0, 2)),
        "random_page_cost": "1.1",
        "fsync": "on",
        # nothing replicates from this server; so COPY and CREATE TABLE AS into a new table may skip the log
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "dynamic_shared_memory_type": _dynamic_shared_memory(),
        "password_encryption": "scram-sha-256",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",  # the start reads its own log
        "log_line_prefix": "%m [%p] %u@%d ",
        # a statement or a DETAIL line quotes rows, and rows are people
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        # what partners ask is logged (warehouse/partner_roles.py), what they look for is not
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        # one JSON object per message: no statement can forge a line. exchange/audit/ reads the files and removes them
        "logging_collector": "on",
        "log_destination": "jsonlog",
        "log_filename": "postgres-%Y%m%dT%H%M%S.log",
        "log_file_mode": "0600",
        "log_rotation_age": "1d",
        "log_rotation_size": "10MB",
        "log_checkpoints": "off",
    }
    if major >= 18:
        settings["io_workers"] = str(_between(cores // 2, 1, 3))
    return settings


def _dynamic_shared_memory() -> str:
    # Docker gives /dev/shm 64 MB, which one parallel index build exceeds; then use files in the data folder
    try:
        return "posix" if shutil.disk_usage("/dev/shm").total >= 512 * MB else "mmap"
    except OSError:
        return "posix"


def configuration(major: int, further: Mapping[str, str]) -> str:
    """The text of postgresql.conf, rewritten at every start. `further`: what depends on this exchange's folders."""
    settings = server_settings(major, memory_mb(), os.cpu_count() or 1) | dict(further)
    lines = [f"{name} = '{_quoted(value)}'" for name, value in settings.items()]
    head = "# Written by exchange at every start. Change settings with ALTER SYSTEM, which wins over this file."
    return "\n".join([head, *lines, ""])


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")


# No `trust` anywhere, and nobody from outside this machine: the server listens on 127.0.0.1 only.
HOST_BASED_ACCESS = """\
local all all scram-sha-256
host  all all 127.0.0.1/32 scram-sha-256
"""
# With a certificate, everybody but the exchange's own processes comes by TLS: whatever forwards partners to this
# machine's loopback sees no password and no row.
HOST_BASED_ACCESS_BY_TLS = """\
host    all exchange_admin,exchange_loader,exchange_dbt,exchange_dagster,exchange_web 127.0.0.1/32 scram-sha-256
hostssl all all 127.0.0.1/32 scram-sha-256
"""
