"""Every dbt model and seed as an asset, every dbt data test as a check of it; one step runs `dbt build`.

A test of severity error fails the step, so nothing is published after it. Unit tests are not data checks: CI runs them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets
from packaging.version import Version

from exchange.registry import Feed
from exchange.settings import PROJECT_ROOT, Settings
from orchestration.environment import PROFILES, SCRIPTS, dbt_home
from orchestration.feeds import REFRESH_KEY, feed_key
from orchestration.resources import Exchange

# no `from __future__ import annotations` in modules with steps: Dagster reads annotations as they are
BUILD = ("--no-use-colors", "build", "--exclude-resource-type", "unit_test")
# the source of models/staging/_intake__sources.yml: what intake records about deliveries, whatever their format
INTAKE = "intake"
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
        super().__init__()
        self._feeds = feeds

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
        if not sources:
            return spec
        raw = {self.get_asset_key(source) for source in sources}
        models = [dep for dep in spec.deps if dep.asset_key not in raw]
        return spec.replace_attributes(deps=[*models, REFRESH_KEY, *self._feeds_of(sources)])

    def _feeds_of(self, sources: Sequence[Mapping[str, Any]]) -> list[dg.AssetKey]:
        formats = {source["name"] for source in sources if source["source_name"] != INTAKE}
        tables = {source["name"] for source in sources if source["source_name"] == INTAKE}
        # every feed writes raw.file and its like; a model that reads lines of a format uses them for those lines only
        reads_all = not formats and tables != {"refresh"}
        return [feed_key(feed.feed_id) for feed in self._feeds if reads_all or feed.file_format in formats]


def dbt_definitions(settings: Settings, manifest: Path, feeds: Sequence[Feed]) -> dg.AssetsDefinition:
    """The dbt assets of a manifest."""

    @dbt_assets(
        manifest=json.loads(manifest.read_text(encoding="utf-8")),
        name="dbt",
        dagster_dbt_translator=LayerTranslator(feeds),
        project=DbtProject(PROJECT_ROOT, profiles_dir=PROFILES, target_path=dbt_home(settings)),
    )
    def dbt(context: dg.AssetExecutionContext, exchange: Exchange, config: DbtBuild) -> Iterator[Any]:
        arguments = [*BUILD, "--full-refresh"] if config.full else [*BUILD]
        cli = DbtCli(project_dir=str(PROJECT_ROOT), profiles_dir=str(PROFILES), dbt_executable=str(SCRIPTS / "dbt"))
        # always the same folder: dbt parses only what changed since the last run
        yield from cli.cli(arguments, context=context, target_path=dbt_home(exchange.settings)).stream()

    return dbt


def gated_keys(dbt: dg.AssetsDefinition) -> list[dg.AssetKey]:
    """What a publication is made of and judged by."""
    return sorted(key for key, group in dbt.group_names_by_key.items() if group in GATED_LAYERS)
