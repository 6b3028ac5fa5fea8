"""One asset per feed of the registry: its new files, taken into `raw`. The first step of a refresh fixes its "now"."""

import re
from collections.abc import Iterator, Sequence

import dagster as dg

from exchange.intake import FeedIntake, clock, raw_tables, take_feed, withdrawal
from exchange.intake.limits import write_limits
from exchange.registry import Feed, load_registry
from orchestration.resources import Exchange

REFRESH_KEY = dg.AssetKey(["raw", "refresh"])
FILES_TAKEN = "every_file_was_taken"


def feed_key(feed_id: str) -> dg.AssetKey:
    return dg.AssetKey(["raw", feed_id])


@dg.asset(key=REFRESH_KEY, group_name="raw", kinds={"postgres"})
def refresh(exchange: Exchange) -> dg.MaterializeResult:
    """Grain: one row per refresh. Its `as_of` is what every rule, embargo and freshness target calls now."""
    settings = exchange.settings
    with exchange.connect() as connection:
        raw_tables.create(connection)
        registry = load_registry(settings.registry)
        refresh_id = clock.begin_refresh(connection, settings, registry.digest())
        write_limits(connection, registry.give_to_get)
        # of a withdrawal that was cut short
        withdrawal.remove_originals(connection, settings.archive)
    return dg.MaterializeResult(metadata={"refresh_id": refresh_id, "as_of": settings.now().isoformat()})


def feed_assets(feeds: Sequence[Feed]) -> list[dg.AssetsDefinition]:
    """An asset for each feed, in the registry's order."""
    return [_feed_asset(feed, number) for number, feed in enumerate(feeds, start=1)]


def _feed_asset(feed: Feed, number: int) -> dg.AssetsDefinition:
    key = feed_key(feed.feed_id)

    @dg.multi_asset(
        # the number keeps the steps of feeds a-b and a.b apart: a step's name has only letters and _
        name=f"take_{number}_{re.sub(r'[^A-Za-z0-9]', '_', feed.feed_id)}",
        group_name="raw",
        specs=[
            dg.AssetSpec(
                key,
                deps=[REFRESH_KEY],
                kinds={"postgres", "csv"},
                tags={"exchange/partner": feed.partner_id, "exchange/file_format": feed.file_format},
                description=f"Files of {feed.partner_id} in the format {feed.file_format}, from {feed.location}.",
            )
        ],
        check_specs=[dg.AssetCheckSpec(FILES_TAKEN, asset=key, description="No file was refused. The others go on.")],
    )
    def new_files(exchange: Exchange) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        intake = take_feed(exchange.settings, feed, newest_refresh(exchange))
        yield dg.MaterializeResult(asset_key=key, metadata=metadata(intake))
        yield files_taken(key, intake)

    return new_files


def newest_refresh(exchange: Exchange) -> int:
    """The refresh that files taken now belong to. Raises dg.Failure before the first refresh."""
    with exchange.connect() as connection:
        row = connection.execute("select max(refresh_id) from raw.refresh").fetchone()
    if row is None or row[0] is None:
        raise dg.Failure("No refresh has begun yet: materialize raw/refresh with the feed, or run refresh_job.")
    return int(row[0])


def metadata(intake: FeedIntake) -> dict[str, int | dg.MetadataValue]:
    """What the UI shows of a feed's step; all counts are of this step only."""
    loaded = intake.loaded
    shown: dict[str, int | dg.MetadataValue] = {
        "files": len(loaded),
        "refused": len(intake.refused),
        "already_known": intake.already_known,
        "records": sum(file.records for file in loaded),
        "loaded": sum(file.loaded for file in loaded),
        "rejected": sum(file.rejected for file in loaded),
    }
    if loaded:
        shown["dagster/row_count"] = sum(file.loaded for file in loaded)
        shown["file_names"] = dg.MetadataValue.json([file.file_name for file in loaded])
    return shown


def files_taken(key: dg.AssetKey, intake: FeedIntake) -> dg.AssetCheckResult:
    """Fails when a file was refused, and says which, where and why."""
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=FILES_TAKEN,
        passed=not intake.refused,
        severity=dg.AssetCheckSeverity.ERROR,
        description="\n".join(str(refused.error) for refused in intake.refused) or None,
        metadata={"refused": [refused.file_name for refused in intake.refused]},
    )
