"""The dashboard's cache: one maker at a time, failures forgotten, bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from dashboard.cache import Cache, size_of


class Maker:
    """Makes values slowly and counts how often it was asked to."""

    def __init__(self, value: Any = "made", error: Exception | None = None) -> None:
        self.value, self.error = value, error
        self.calls = 0
        self.may_end = asyncio.Event()

    async def __call__(self) -> Any:
        self.calls += 1
        await self.may_end.wait()
        if self.error is not None:
            raise self.error
        return self.value


def run(scene: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(scene(), timeout=5)

    asyncio.run(bounded())


async def quick(value: Any) -> Any:
    return value


def test_many_who_ask_at_once_are_answered_by_one_query() -> None:
    """Else a publication at six o'clock would be followed by one full scan per reader."""

    async def scene() -> None:
        cache, make = Cache(), Maker()
        asking = [asyncio.create_task(cache.get("key", make)) for _ in range(20)]
        await asyncio.sleep(0)
        make.may_end.set()
        assert set(await asyncio.gather(*asking)) == {"made"}
        assert await cache.get("key", make) == "made"
        assert make.calls == 1

    run(scene)


def test_a_failure_reaches_all_who_wait_and_is_forgotten() -> None:
    async def scene() -> None:
        cache, broken = Cache(), Maker(error=ValueError("no such view"))
        asking = [asyncio.create_task(cache.get("key", broken)) for _ in range(3)]
        await asyncio.sleep(0)
        broken.may_end.set()
        told = await asyncio.gather(*asking, return_exceptions=True)
        assert [str(error) for error in told] == ["no such view"] * 3
        assert broken.calls == 1
        assert await cache.get("key", lambda: quick("whole")) == "whole"

    run(scene)


def test_a_reader_who_leaves_takes_nobody_along() -> None:
    """A closed browser cancels its request, and with it the query that others wait for: the next one asks it again."""

    async def scene() -> None:
        cache, first, second = Cache(), Maker("of the first"), Maker("of the second")
        leaves = asyncio.create_task(cache.get("key", first))
        await asyncio.sleep(0)
        stays = [asyncio.create_task(cache.get("key", second)) for _ in range(5)]
        await asyncio.sleep(0)
        assert second.calls == 0
        leaves.cancel()
        second.may_end.set()
        assert set(await asyncio.gather(*stays)) == {"of the second"}
        assert (first.calls, second.calls) == (1, 1)
        assert leaves.cancelled()

    run(scene)


def test_one_who_waits_and_leaves_stops_nothing() -> None:
    async def scene() -> None:
        cache, make = Cache(), Maker()
        maker = asyncio.create_task(cache.get("key", make))
        await asyncio.sleep(0)
        waits = asyncio.create_task(cache.get("key", make))
        await asyncio.sleep(0)
        waits.cancel()
        make.may_end.set()
        assert await maker == "made"
        assert waits.cancelled()

    run(scene)


def test_keys_are_apart() -> None:
    async def scene() -> None:
        cache = Cache()
        assert await cache.get(("p_aaaaaa", 1, 7), lambda: quick(1)) == 1
        assert await cache.get(("p_bbbbbb", 1, 7), lambda: quick(2)) == 2
        assert await cache.get(("p_aaaaaa", 1, 8), lambda: quick(3)) == 3

    run(scene)


def test_nothing_and_zero_are_values_too() -> None:
    async def scene() -> None:
        for empty in (None, 0, ""):
            cache, make = Cache(), Maker(empty)
            make.may_end.set()
            assert [await cache.get("key", make), await cache.get("key", make)] == [empty, empty]
            assert make.calls == 1

    run(scene)


def test_it_keeps_what_was_used_last() -> None:
    async def scene() -> None:
        cache = Cache(max_entries=2)
        for key in ("a", "b", "a", "c"):
            await cache.get(key, lambda: quick("x"))
        assert [key for key in "abc" if key in cache] == ["a", "c"]

    run(scene)


def test_it_stays_within_its_bytes_and_does_not_keep_what_is_too_large() -> None:
    async def scene() -> None:
        cache = Cache(max_bytes=10_000)
        for key in range(50):
            await cache.get(key, lambda: quick("x" * 1000))
        assert 5 <= len(cache) <= 10
        assert cache.bytes <= 10_000
        kept = len(cache)
        assert await cache.get("large", lambda: quick("x" * 20_000)) == "x" * 20_000
        assert "large" not in cache
        assert len(cache) == kept

    run(scene)


@dataclass(frozen=True)
class Figures:
    counts: dict[str, int]


@pytest.mark.parametrize("nested", [["x" * 5000], ("x" * 5000,), {"key": "x" * 5000}, Figures({"x" * 5000: 1})])
def test_sizes_count_what_is_inside(nested: object) -> None:
    assert 5000 < size_of(nested) < 6000


def test_sizes_of_long_collections_are_estimated() -> None:
    rows = [("PA", "42101", number, 3) for number in range(100_000)]
    assert 100_000 * 100 < size_of(rows) < 100_000 * 400
