"""Randomness that is a pure function of (seed, name, index): any draw can be made again without storing it.

No generator keeps a state, so five million contacts cost no more memory than one block, and a draw never depends on
what was drawn before it. The mixing function is SplitMix64's finalizer: the same bits on every machine and version.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]
Bits = NDArray[np.uint64]
Units = NDArray[np.float64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


class Chance:
    """All draws of one demo. `name` tells apart what is drawn, `index` for which voter or conversation."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._key = cache(self._make_key)

    def _make_key(self, name: str) -> np.uint64:
        digest = hashlib.blake2b(f"{self.seed}/{name}".encode(), digest_size=8).digest()
        return np.uint64(int.from_bytes(digest, "big"))

    def bits(self, name: str, index: Index) -> Bits:
        """64 random bits per index."""
        mixed = (index.astype(np.uint64) * _GOLDEN) ^ self._key(name)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
        return mixed ^ (mixed >> np.uint64(31))

    def unit(self, name: str, index: Index) -> Units:
        """A number in [0, 1) per index."""
        return (self.bits(name, index) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, name: str, index: Index, bound: int | Index) -> Index:
        """A whole number in [0, bound) per index."""
        return (self.unit(name, index) * bound).astype(np.int64)

    def weighted(self, name: str, index: Index, cumulative: Units) -> Index:
        """A position in the weight table per index (see `cumulate`)."""
        return np.searchsorted(cumulative, self.unit(name, index), side="right").astype(np.int64)

    def shuffle(self, name: str, size: int) -> Shuffle:
        """A bijection of 0 … size-1."""
        key = int(self._key(f"shuffle/{name}"))
        # an odd number near 0.618 of the size spreads neighbours apart; it must share no factor with the size
        factor = max(1, int(size * (0.55 + 0.1 * (key & 0xFFFFFFFF) / 2**32))) | 1
        while math.gcd(factor, size) != 1:
            factor += 2
        return Shuffle(size, factor, (key >> 32) % size)


class Shuffle:
    """index → (factor * index + offset) mod size: every value once; `size` must stay below 2^31."""

    def __init__(self, size: int, factor: int, offset: int) -> None:
        self.size, self.factor, self.offset = size, factor, offset

    def __call__(self, index: Index) -> Index:
        return (index % self.size * self.factor + self.offset) % self.size


def cumulate(weights: Sequence[float]) -> Units:
    """Weights of any sum as a cumulative table ending in exactly 1."""
    table = np.cumsum(np.asarray(weights, dtype=np.float64))
    table /= table[-1]
    table[-1] = 1.0
    return table
