"""One more partner: its line in partners.csv, and its inbox."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from exchange.errors import ExchangeError, Place
from exchange.registry import Registry, load_registry
from exchange.scaffold.files import Made
from exchange.scaffold.registry_lines import add_line
from exchange.settings import Settings


@dataclass(frozen=True)
class NewPartner:
    """The cells of one line; what they may hold is the registry's business."""

    partner_id: str
    partner_name: str
    side: str
    kind: str
    states: str
    id_namespace: str
    id_scope: str
    voter_fields: str


def new_partner(settings: Settings, wanted: NewPartner) -> Made:
    """Add the partner. Raises ExchangeError, and writes nothing, if the id is taken or a cell cannot be."""
    registry = load_registry(settings.registry)
    path = settings.registry / "partners.csv"
    if wanted.partner_id in {partner.partner_id for partner in registry.partners}:
        raise ExchangeError(
            "There is such a partner already; nothing was written.",
            place=Place(file=str(path), column="partner_id"),
            got=wanted.partner_id,
            remedy="Choose another id, or change its line by hand.",
        )
    share_schema = _share_schema(registry)
    add_line(settings.registry, path.name, {**vars(wanted), "share_schema": share_schema, "is_active": "true"})
    inbox = settings.inbox / wanted.partner_id
    created = () if inbox.is_dir() else (inbox,)
    inbox.mkdir(parents=True, exist_ok=True)
    partner_id = wanted.partner_id
    receives, gives = _rules_at_once(load_registry(settings.registry), partner_id)
    return Made(
        created,
        (path,),
        (
            f"exchange new feed FEED --partner {partner_id} --format FORMAT: what it delivers",
            f"sharing_rules.csv: these share with it at once: {receives or 'none'}; these share what it gives:"
            f" {gives or 'none'}; add or withhold (docs/sharing-rules.md)",
            "exchange doctor, then exchange refresh",
            f"exchange partner add {partner_id}: its login, with the password shown once",
        ),
    )


def _rules_at_once(registry: Registry, partner_id: str) -> tuple[str, str]:
    """The share rules that name its side or everybody: a new partner may see more than its adder thinks of."""
    shares = [rule for rule in registry.sharing_rules if rule.effect == "share"]
    receives = [rule.rule_id for rule in shares if partner_id in registry.members(rule.recipient)]
    gives = [rule.rule_id for rule in shares if partner_id in registry.members(rule.contributor)]
    return ", ".join(receives), ", ".join(gives)


def _share_schema(registry: Registry) -> str:
    """Drawn by chance, so that the name of schema and login says nothing about who it is."""
    taken = {partner.share_schema for partner in registry.partners}
    while (name := f"p_{secrets.token_hex(3)}") in taken:
        pass
    return name
