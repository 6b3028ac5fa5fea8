"""The DuckDB that matching computes in: bounded memory and threads, the same results whatever both are."""

from __future__ import annotations

from pathlib import Path

import duckdb


def open_workbench(folder: Path | None = None, *, threads: int = 1, memory_gb: float = 4) -> duckdb.DuckDBPyConnection:
    """Open an empty in-memory DuckDB. What does not fit into memory_gb spills into `folder` (None: nothing spills)."""
    con = duckdb.connect(":memory:")
    con.execute(f"set threads = {int(threads)}")
    con.execute(f"set memory_limit = '{int(memory_gb * 1024)}MiB'")
    con.execute("set preserve_insertion_order = false")
    con.execute("set enable_progress_bar = false")
    if folder is None:
        con.execute("set temp_directory = ''")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        con.execute("set temp_directory = ?", [str(folder)])
    return con
