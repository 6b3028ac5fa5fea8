"""The scoring model: m from labelled pairs, u from the spine; plain counts, so the same for a seed on any machine."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from exchange.matching import samples
from exchange.matching.comparisons import COMPARISONS
from exchange.matching.defaults import Weights, default_weights
from exchange.matching.frequencies import spine_sizes, totals
from exchange.matching.linker import splink_settings

# so many pairs the shipped m and u count for
DEFAULT_LABELS = 200
DEFAULT_CHANCE_PAIRS = 20_000
# of pairs that agree in the house or the ZIP: they are drawn for it, and few
DEFAULT_PLACE_PAIRS = 200
# from this share of labelled persons with quite another birth date on, such a date tells nothing
UNRELIABLE_BIRTHS = 0.02
_FIXED = {"suffix"}
_HOUSE_LEVELS = ("same_unit", "no_unit", "one_unit", "other_unit")


@dataclass(frozen=True)
class Model:
    """A trained model. settings: Splink's; spine: voters per state at training; owners: mean number of voters who
    share the phone, mailbox, address or ZIP of a voter."""

    version: int
    seed: int
    labels: int
    settings: dict[str, Any]
    spine: dict[str, int]
    owners: dict[str, float]

    @property
    def voters(self) -> int:
        """Voters of the spine it was trained on, at least 1."""
        return max(1, sum(self.spine.values()))

    @property
    def births_tell(self) -> bool:
        """Whether another birth date means another person, say a son. Not where labelled persons have others too."""
        other = next(
            level
            for comparison in self.settings["comparisons"]
            if comparison["output_column_name"] == "birth_date"
            for level in comparison["comparison_levels"]
            if level["label_for_charts"] == "other"
        )
        return bool(other["m_probability"] < UNRELIABLE_BIRTHS)

    def to_json(self) -> str:
        """The model as text; equal models give equal text."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Model:
        """The model that to_json wrote."""
        return cls(**json.loads(text))


def train(
    con: duckdb.DuckDBPyConnection,
    *,
    voters: str,
    identities: str,
    labels: str,
    frequencies: str,
    version: int,
    seed: int,
) -> Model:
    """Learn m from `labels` (identity_id, voter_id) and u from `voters`, `identities` and `frequencies`.

    Both start from the shipped defaults, which DEFAULT_LABELS labels outweigh; without labels they are the model.
    """
    labelled = con.execute(f"select count(*) from {labels}").fetchall()[0][0]
    spine = spine_sizes(con, frequencies)
    size = max(1, sum(spine.values()))
    filled, agreeing = totals(con, frequencies, "filled"), totals(con, frequencies, "agreeing")
    owners = {field: max(1.0, round(agreeing.get(field, 0) / max(1, filled.get(field, 0)), 6)) for field in _OWNED}
    true = samples.count_levels(con, identities, voters, labels)
    chance = samples.chance_levels(con, identities, voters, seed)
    weights: Weights = {}
    for name, shipped in default_weights().items():
        weights[name] = {
            level: {
                "m": _blend(true, name, level, shipped[level]["m"], DEFAULT_LABELS),
                "u": _blend(chance, name, level, shipped[level]["u"], DEFAULT_CHANCE_PAIRS),
            }
            for level in shipped
        }
        if name in _FIXED:
            weights[name] = {level: dict(shipped[level]) for level in shipped}
    near = samples.place_levels(con, identities, voters, seed)
    _chance_of_place(weights, near, {field: min(1.0, owners[field] / size) for field in owners})
    return Model(version, seed, int(labelled), splink_settings(weights, size), spine, owners)


_OWNED = ("phone", "email", "address", "zip")
_GROUPS = {c.name: {level.name: level.group for level in c.levels} for c in COMPARISONS}


def _blend(counts: samples.Counts, name: str, level: str, shipped: float, strength: int) -> float:
    """Share of a level within its group, the shipped share counting as `strength` pairs."""
    group = _GROUPS[name][level]
    compared = sum(n for other, n in counts.get(name, {}).items() if _GROUPS[name][other] == group)
    share = (counts.get(name, {}).get(level, 0) + strength * shipped) / (compared + strength)
    return float(f"{max(share, 1e-9):.8g}")


def _chance_of_place(weights: Weights, near: samples.Counts, chance: dict[str, float]) -> None:
    """Patch u of phone, e-mail and address: random pairs hardly ever agree in them, the spine's own counts tell."""
    for field in ("phone", "email"):
        weights[field]["same"]["u"], weights[field]["other"]["u"] = chance[field], max(1e-9, 1 - chance[field])
    address, shipped = weights["address"], default_weights()["address"]
    seen = near.get("address", {})
    address["zip_only"]["u"], address["other_zip_only"]["u"] = chance["zip"], max(1e-9, 1 - chance["zip"])
    street = min(chance["address"], chance["zip"])
    for levels, share in ((_HOUSE_LEVELS, street), (("near", "same_zip"), max(chance["zip"] - street, 1e-9))):
        pairs = sum(seen.get(level, 0) for level in levels)
        prior = sum(shipped[level]["u"] for level in levels)
        for level in levels:
            part = seen.get(level, 0) + DEFAULT_PLACE_PAIRS * shipped[level]["u"] / prior
            address[level]["u"] = float(f"{max(share * part / (pairs + DEFAULT_PLACE_PAIRS), 1e-9):.8g}")
    address["other"]["u"] = max(1e-9, 1 - max(chance["zip"], street))
