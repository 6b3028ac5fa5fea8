"""Given names that differ by little and mean a man and a woman, brother and sister perhaps: lookalike_names.csv."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


@cache
def lookalikes() -> tuple[tuple[str, str], ...]:
    """Pairs of names, each in both orders. Grain of the file: one man's name with the women's names made from it."""
    text = resources.files("exchange.matching").joinpath("lookalike_names.csv").read_text(encoding="utf-8")
    pairs = {(row["man"], woman) for row in csv.DictReader(text.splitlines()) for woman in row["woman"].split()}
    return tuple(sorted(pairs | {(woman, man) for man, woman in pairs}))
