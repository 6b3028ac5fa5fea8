"""The last step: what the gate let through becomes what partners see, in one transaction."""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from exchange.audit.refresh import audit_loaded_registry
from exchange.publishing.hold import HeldError
from exchange.publishing.publish import publish
from exchange.publishing.strict import copy_to_partner_databases
from exchange.registry import load_registry
from orchestration.resources import Exchange

VIEWS_KEY = dg.AssetKey(["published", "partner_views"])
VIEWS_EXIST = "every_active_partner_has_its_views"


def published_views(gated: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The asset of all partners' views. It waits for the blocking checks of `gated`."""

    @dg.asset(
        key=VIEWS_KEY,
        group_name="published",
        kinds={"postgres"},
        deps=list(gated),
        check_specs=[
            dg.AssetCheckSpec(
                VIEWS_EXIST,
                asset=VIEWS_KEY,
                description="No active partner of the registry is without views.",
            )
        ],
    )
    def partner_views(exchange: Exchange) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        """Grain: one view per partner and kind of view; readers never see half a publication."""
        audit_loaded_registry(exchange.settings)
        try:
            publication = publish(exchange.settings)
        except HeldError:
            # what protects persons was published
            copy_to_partner_databases(exchange.settings)
            raise
        copy_to_partner_databases(exchange.settings)
        yield dg.MaterializeResult(
            metadata={
                "publication_id": publication.publication_id or "nothing changed",
                "changed": dg.MetadataValue.md(_changes(publication.changed)),
                "view_rows": dg.MetadataValue.json(publication.view_rows),
            }
        )
        registry = load_registry(exchange.settings.registry)
        active = [partner.partner_id for partner in registry.partners if partner.is_active]
        yield views_exist(active, publication.view_rows)

    return partner_views


def views_exist(active: Sequence[str], view_rows: Mapping[str, Mapping[str, int]]) -> dg.AssetCheckResult:
    """Fails when an active partner (but the exchange itself) has no view."""
    missing = sorted(partner for partner in active if partner != "exchange" and not view_rows.get(partner))
    return dg.AssetCheckResult(
        check_name=VIEWS_EXIST,
        passed=not missing,
        description=f"Without views: {', '.join(missing)}." if missing else None,
        metadata={"partners": missing},
    )


def _changes(changed: Mapping[str, tuple[int, int]]) -> str:
    lines = [f"| {name} | {added:,} | {removed:,} |" for name, (added, removed) in sorted(changed.items())]
    return "\n".join(["| relation | added | removed |", "| --- | ---: | ---: |", *lines])
