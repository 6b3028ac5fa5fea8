"""Great Expectations on the files that the newest refresh loaded: one check per feed, one step for all of them.

Not blocking: rows that cannot be understood are quarantined one by one, and one partner's odd delivery must not stop
everybody's publication. A critical finding fails the check, and with it `exchange refresh` ends with exit code 1.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from exchange.registry import Feed
from expectations.findings import Finding, failed, markdown, sentence
from expectations.run import validate
from orchestration.feeds import feed_key
from orchestration.resources import Exchange

CHECK_NAME = "contents_are_plausible"


def plausibility_checks(feeds: Sequence[Feed]) -> dg.AssetChecksDefinition:
    """The checks of all feeds. One step and not one per feed: Great Expectations takes 6 s to import."""
    by_key = {feed_key(feed.feed_id): feed for feed in feeds}

    @dg.multi_asset_check(
        name=CHECK_NAME,
        specs=[dg.AssetCheckSpec(CHECK_NAME, asset=key, description=_description(by_key[key])) for key in by_key],
        can_subset=True,
    )
    def contents_are_plausible(
        context: dg.AssetCheckExecutionContext, exchange: Exchange
    ) -> Iterator[dg.AssetCheckResult]:
        for check_key in sorted(context.selected_asset_check_keys):
            feed = by_key[check_key.asset_key]
            files = newly_loaded(exchange, feed.feed_id)
            findings = validate(exchange.reader_url(), feed.file_format, list(files)) if files else []
            yield result(check_key.asset_key, list(files.values()), findings)

    return contents_are_plausible


def newly_loaded(exchange: Exchange, feed_id: str) -> dict[int, str]:
    """The files (id, name) of a feed that the newest refresh loaded."""
    with exchange.connect() as connection:
        rows = connection.execute(
            """
            select file_id, file_name from raw.file
            where feed_id = %s and withdrawn_at is null and refresh_id = (select max(refresh_id) from raw.refresh)
            order by file_id
            """,
            [feed_id],
        ).fetchall()
    return {int(file_id): str(file_name) for file_id, file_name in rows}


def result(key: dg.AssetKey, file_names: Sequence[str], findings: Sequence[Finding]) -> dg.AssetCheckResult:
    """Passed, a warning, or an error; nothing new to judge passes and says so."""
    critical, warnings = failed(findings, "critical"), failed(findings, "warning")
    told = critical or warnings
    if not file_names:
        description = "No new file."
    elif not findings:
        description = "The new files hold no row."
    else:
        description = "\n".join(sentence(finding) for finding in told) or f"{len(findings)} expectations met."
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=CHECK_NAME,
        passed=not told,
        severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
        description=description,
        metadata={
            "files": list(file_names),
            "critical": len(critical),
            "warnings": len(warnings),
            "findings": dg.MetadataValue.md(markdown(findings)),
        },
    )


def _description(feed: Feed) -> str:
    return f"New files look as {feed.file_format} files do (suite expectations/{feed.file_format}.py)."
