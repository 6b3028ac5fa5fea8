"""What Dagster loads: `orchestration.definitions`. Needs the registry and the dbt project, no database."""

import dagster as dg

from exchange.registry import load_registry
from exchange.settings import Settings
from orchestration import audit, dbt, feeds, jobs, matching, matching_checks, plausibility, publish
from orchestration.manifest import prepared_manifest
from orchestration.resources import Exchange

settings = Settings()
registered = load_registry(settings.registry).feeds
models = dbt.dbt_definitions(settings, prepared_manifest(settings), registered)

defs = dg.Definitions(
    assets=[
        feeds.refresh,
        audit.access_log,
        *feeds.feed_assets(registered),
        *models,
        *matching.ASSETS,
        publish.published_views(dbt.gated_keys(models)),
    ],
    asset_checks=[plausibility.plausibility_checks(registered), matching_checks.agreement_checks(registered)],
    jobs=[jobs.refresh_job, jobs.retrain_job],
    schedules=[jobs.hourly],
    sensors=[jobs.new_files_sensor(registered)],
    resources={"exchange": Exchange()},
    executor=dg.in_process_executor,
)
