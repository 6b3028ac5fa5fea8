"""Judge a batch: the rows that given files brought into `raw.<file_format>`, against the suite of the format."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy

from expectations.findings import Finding, Severity
from expectations.rules import trimmed

if TYPE_CHECKING:
    import great_expectations as gx

# In a batch smaller than this a share says nothing: one odd row of three would fail a delivery that staging
# quarantines row by row anyhow. Its failures are reported as warnings.
SMALLEST_JUDGED_BATCH = 20
# An even sample is as good as the batch for a share; 5 M rows would be read 20 times otherwise.
LARGEST_JUDGED_BATCH = 200_000
SHOWN_EXAMPLES = 5


def suite_of(file_format: str) -> gx.ExpectationSuite:
    """The suite of a file format. Raises ModuleNotFoundError for a format without one; a test asserts there is none."""
    return cast("gx.ExpectationSuite", import_module(f"expectations.{file_format}").suite())


def validate(connection_url: str, file_format: str, file_ids: Sequence[int]) -> list[Finding]:
    """Judge the rows of the given files together; empty when they brought no row.

    `connection_url` is a SQLAlchemy URL of a role that may read `raw` and make temporary tables.
    """
    loaded = _loaded_rows(connection_url, file_ids)
    if loaded == 0:
        return []
    suite = suite_of(file_format)
    batch = _batch(connection_url, batch_query(suite, file_format, file_ids, loaded))
    try:
        result = batch.validate(
            suite, result_format={"result_format": "SUMMARY", "partial_unexpected_count": SHOWN_EXAMPLES}
        )
    finally:
        # gives back the connection, and with it the temporary table
        batch.data.execution_engine.close()
    return [_finding(outcome, loaded) for outcome in result.results]


def batch_query(suite: gx.ExpectationSuite, file_format: str, file_ids: Sequence[int], loaded: int) -> str:
    """SQL of the columns the suite judges, as staging reads them; every n-th line of a large batch."""
    columns = {
        _of(expectation, "column"): (_of(expectation, "meta") or {}).get("sql") or trimmed(_of(expectation, "column"))
        for expectation in suite.expectations
    }
    selected = ", ".join(f'{sql} as "{column}"' for column, sql in columns.items())
    files = ", ".join(str(int(file_id)) for file_id in file_ids)
    step = -(-loaded // LARGEST_JUDGED_BATCH)
    sample = f" and _row_number % {step} = 0" if step > 1 else ""
    return f'select {selected} from raw."{file_format}" where _file_id in ({files}){sample}'


def _loaded_rows(connection_url: str, file_ids: Sequence[int]) -> int:
    engine = sqlalchemy.create_engine(connection_url)
    try:
        with engine.connect() as connection:
            statement = sqlalchemy.text("select coalesce(sum(loaded), 0) from raw.file where file_id = any(:file_ids)")
            return int(connection.execute(statement, {"file_ids": list(file_ids)}).scalar_one())
    finally:
        engine.dispose()


def _batch(connection_url: str, query: str) -> Any:
    # must be set before the import: Great Expectations reads it once
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    # the temporary table reads the batch once; without it each expectation reads the raw table again
    source = context.data_sources.add_postgres("warehouse", connection_string=connection_url, create_temp_table=True)
    definition = source.add_query_asset("batch", query=query).add_batch_definition_whole_table("whole")
    return definition.get_batch()


def _finding(outcome: Any, loaded: int) -> Finding:
    if outcome.exception_info and _raised(outcome.exception_info):
        raise RuntimeError(f"{outcome.expectation_config.description}: {outcome.exception_info}")
    config = outcome.expectation_config
    result: Mapping[str, Any] = outcome.result
    severity: Severity = "critical" if config.severity == "critical" else "warning"
    examples = [value for value in result.get("partial_unexpected_list", []) if value is not None]
    return Finding(
        expectation=config.description,
        severity="warning" if loaded < SMALLEST_JUDGED_BATCH else severity,
        passed=bool(outcome.success),
        threshold=float(config.kwargs.get("mostly", 1)),
        observed=1 - float(result.get("unexpected_percent") or 0) / 100,
        examples=tuple(dict.fromkeys(str(example) for example in examples)),
        note=config.notes or "",
    )


def _raised(exception_info: Mapping[str, Any]) -> bool:
    # one record for an expectation, or one record per failed metric
    records = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    return any(record["raised_exception"] for record in records)


def _of(expectation: Any, attribute: str) -> Any:
    return getattr(expectation, attribute, None)
