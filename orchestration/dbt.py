"""Every dbt model and seed as an asset, every dbt data test as a check of it; two steps run `dbt build`.

What reads no match is built first, then Python matches, then what reads a match is built. A test that reads both parts
runs in the second. A test of severity error fails its step: nothing after it runs. CI runs the unit tests.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliResource, DbtProject, dbt_assets
from packaging.version import Version

from exchange.registry import Feed
from exchange.settings import PROJECT_ROOT, Settings
from orchestration.environment import PROFILES, SCRIPTS, dbt_home
from orchestration.feeds import REFRESH_KEY, feed_key
from orchestration.resources import Exchange

# no `from __future__ import annotations` in modules with steps: Dagster reads annotations as they are
# no manifest.json and run_results.json again for each of two builds: 0.3 s each, and nobody reads them; no dbt.log with
# 12 MB of debug events, a tenth of a build: what dbt says is in refresh.log, the SQL in target/run
QUIET = ("--no-use-colors", "--no-write-json", "--log-level-file", "none")
BUILD = (*QUIET, "build", "--exclude-resource-type", "unit_test")
# the source of models/staging/_intake__sources.yml: what intake records about deliveries, whatever their format
INTAKE = "intake"
# the source that exchange/matching writes, whichever of its tables; everything after it is the second part
MATCHING = "matching"
MATCHES_KEY = dg.AssetKey([MATCHING, "matches"])
AFTER_MATCHING = f"source:{MATCHING}+"
GATED_LAYERS = ("marts", "ops", "sharing")


class DbtBuild(dg.Config):
    """How to build. `full` rebuilds incremental models from scratch: the same rows, slower."""

    full: bool = False


class DbtCli(DbtCliResource):
    """Starts dbt without asking `dbt --version` and without a second adapter in this process: 5 s a refresh less.

    The adapter serves only `fetch_row_counts` and `fetch_column_metadata`, which we do not call.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(installed_version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None


class LayerTranslator(DagsterDbtTranslator):
    """Groups by layer, and puts the feeds of a file format where dbt knows only its raw table."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        # all tables of matching are one asset
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))
        self._feeds = feeds

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        is_matching = dbt_resource_props["resource_type"] == "source" and dbt_resource_props["source_name"] == MATCHING
        return MATCHES_KEY if is_matching else super().get_asset_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        # a layer's schema has the layer's name (macros/generate_schema_name.sql)
        return str(dbt_resource_props["schema"])

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        # without the SQL text, which is in the repository: it made the stored definitions ten times larger
        return str(dbt_resource_props.get("description") or dbt_resource_props["name"])

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        props = self.get_resource_props(manifest, unique_id)
        parents = props.get("depends_on", {}).get("nodes", [])
        sources = [manifest["sources"][parent] for parent in parents if parent.startswith("source.")]
        sources = [source for source in sources if source["source_name"] != MATCHING]
        if not sources:
            return spec
        raw = {self.get_asset_key(source) for source in sources}
        models = [dep for dep in spec.deps if dep.asset_key not in raw]
        return spec.replace_attributes(deps=[*models, REFRESH_KEY, *self._feeds_of(sources)])

    def _feeds_of(self, sources: Sequence[Mapping[str, Any]]) -> list[dg.AssetKey]:
        formats = {source["name"] for source in sources if source["source_name"] != INTAKE}
        tables = {source["name"] for source in sources if source["source_name"] == INTAKE}
        # every feed writes raw.file and its like, none what a refresh begins with; a model that reads lines of a format
        # uses them for those lines only
        reads_all = not formats and not tables <= {"refresh", "give_to_get"}
        return [feed_key(feed.feed_id) for feed in self._feeds if reads_all or feed.file_format in formats]


def dbt_definitions(settings: Settings, manifest: Path, feeds: Sequence[Feed]) -> list[dg.AssetsDefinition]:
    """The dbt assets of a manifest: the step before matching and the step after it."""
    parsed = json.loads(manifest.read_text(encoding="utf-8"))
    project = DbtProject(PROJECT_ROOT, profiles_dir=PROFILES, target_path=dbt_home(settings))

    @dbt_assets(
        manifest=parsed,
        name="dbt_before_matching",
        exclude=AFTER_MATCHING,
        dagster_dbt_translator=LayerTranslator(feeds),
        project=project,
    )
    def before_matching(context: dg.AssetExecutionContext, exchange: Exchange, config: DbtBuild) -> Iterator[Any]:
        yield from _build(context, exchange, config)

    @dbt_assets(
        manifest=parsed,
        name="dbt",
        select=AFTER_MATCHING,
        dagster_dbt_translator=LayerTranslator(feeds),
        project=project,
    )
    def after_matching(context: dg.AssetExecutionContext, exchange: Exchange, config: DbtBuild) -> Iterator[Any]:
        yield from _build(context, exchange, config)

    return [before_matching, after_matching]


def _build(context: dg.AssetExecutionContext, exchange: Exchange, config: DbtBuild) -> Iterator[Any]:
    """Run `dbt build` on the part of the project that the step's decorator names."""
    arguments = [*BUILD, "--full-refresh"] if config.full else [*BUILD]
    cli = DbtCli(project_dir=str(PROJECT_ROOT), profiles_dir=str(PROFILES), dbt_executable=str(SCRIPTS / "dbt"))
    # always the same folder: dbt parses only what changed since the last run
    yield from cli.cli(arguments, context=context, target_path=dbt_home(exchange.settings)).stream()


def gated_keys(models: Sequence[dg.AssetsDefinition]) -> list[dg.AssetKey]:
    """What a publication is made of and judged by."""
    groups = {key: group for part in models for key, group in part.group_names_by_key.items()}
    return sorted(key for key, group in groups.items() if group in GATED_LAYERS)
