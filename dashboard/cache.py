"""Numbers kept between requests, and made once however many ask for them at the same moment.

A key must contain the role and the version of what was read, `(viewer.role, *reader.version.key, ...)`: the cache
answers without asking the database, so a key without them would go on answering after the database has stopped.
"""

from __future__ import annotations

import asyncio
import sys
from collections import OrderedDict
from collections.abc import Callable, Collection, Coroutine, Hashable, Mapping
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from dashboard.database import Reader
from dashboard.viewer import Viewer

Value = TypeVar("Value")

# a cube of counts takes up to 5 MB; a dozen partners with a few scopes each
MAX_ENTRIES = 512
MAX_BYTES = 256_000_000
# long collections here are rows of one shape: a thousand of them tell the size of all
SAMPLE = 1000


class Cache:
    """The values used last, within max_entries and max_bytes (both of Python objects, estimated)."""

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        # key -> (value, bytes), the one used last at the end
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._being_made: dict[Hashable, asyncio.Task[Any]] = {}
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    @property
    def bytes(self) -> int:
        return self._bytes

    async def get(self, key: Hashable, make: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """The kept value, else what `make` returns. Nobody may change it.

        Who comes while it is being made waits for it and shares it, or the failure; a failure is not kept. Where the
        one who makes it goes away (a closed browser: guard.py), the next makes it: `make` may read with its request's
        own transaction. Who waits keeps its connection meanwhile: of each partner only a few may (database.py).
        """
        while True:
            if key in self._kept:
                self._kept.move_to_end(key)
                value: Value = self._kept[key][0]
                return value
            task = self._being_made.get(key)
            if task is None:
                return await self._make(key, make)
            await asyncio.wait([task])
            if not task.cancelled():
                # not from what is kept: too large a value never is
                return task.result()

    async def _make(self, key: Hashable, make: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        task = asyncio.create_task(make())
        self._being_made[key] = task
        # not when this request resumes: by then others could have started a second one
        task.add_done_callback(lambda done: self._end(key, done))
        return await task

    def _end(self, key: Hashable, task: asyncio.Task[Any]) -> None:
        del self._being_made[key]
        if task.cancelled() or task.exception() is not None:
            return
        size = size_of(task.result())
        if size > self._max_bytes:
            return
        self._kept[key] = (task.result(), size)
        self._bytes += size
        while len(self._kept) > self._max_entries or self._bytes > self._max_bytes:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._bytes -= dropped


async def keep(
    cache: Cache,
    viewer: Viewer,
    reader: Reader,
    key: tuple[Hashable, ...],
    make: Callable[[], Coroutine[Any, Any, Value]],
) -> Value:
    """What was made of a partner's rows, kept while it reads the same ones under the same rules."""
    return await cache.get((viewer.role, *reader.version.key, *key), lambda: reader.patiently(make))


def size_of(value: Any) -> int:
    """Bytes of a value with all that it holds, about: what is shared counts each time, long collections are sampled."""
    size = sys.getsizeof(value)
    if isinstance(value, str | bytes):
        return size
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, Mapping):
        return size + _sizes(value.items(), len(value))
    if isinstance(value, Collection):
        return size + _sizes(value, len(value))
    if is_dataclass(value):
        return size + sum(size_of(getattr(value, field.name)) for field in fields(value))
    return size


def _sizes(items: Collection[Any], count: int) -> int:
    sampled = [size_of(item) for item in islice(items, SAMPLE)]
    return sum(sampled) * count // len(sampled) if sampled else 0
