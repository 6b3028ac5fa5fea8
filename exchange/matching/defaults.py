"""The shipped m and u, learnt once on a generated exchange: what a model starts from where labels are few."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

Weights = dict[str, dict[str, dict[str, float]]]


@cache
def default_weights() -> Weights:
    """Comparison -> level -> 'm' (share of true pairs of the level's group) and 'u' (of chance pairs)."""
    text = resources.files("exchange.matching").joinpath("default_model.json").read_text(encoding="utf-8")
    found: Weights = json.loads(text)
    return found


def mean_weights(models: Sequence[Mapping[str, Any]]) -> Weights:
    """Mean m and u of Splink settings: the shipped file is this, of models trained on generated exchanges."""
    found: Weights = {}
    for name in default_weights():
        found[name] = {}
        for level in default_weights()[name]:
            told = [_level(settings, name, level) for settings in models]
            found[name][level] = {
                kind: float(f"{sum(one[f'{kind}_probability'] for one in told) / len(told):.4g}") for kind in ("m", "u")
            }
    return found


def _level(settings: Mapping[str, Any], name: str, level: str) -> dict[str, float]:
    """The level of that label in the comparison of that name."""
    comparison = next(one for one in settings["comparisons"] if one["output_column_name"] == name)
    return next(one for one in comparison["comparison_levels"] if one["label_for_charts"] == level)
