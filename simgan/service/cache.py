"""A cache of values that were computed a moment ago."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """The last used values by their keys, up to a number of bytes. Any thread may ask.

    Parameters
    ----------
    room : int
        Bytes of all values together.
    size : callable
        Bytes of a value.
    """

    def __init__(self, room: int, size: Callable[[Value], int]) -> None:
        self._room, self._size, self._filled = room, size, 0
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def found(self, key: Hashable) -> Value | None:
        """Return the value of a key, or None where the cache lacks it."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def keep(self, key: Hashable, value: Value) -> None:
        """Keep a value, if there is room for it at all. The values used longest ago give way."""
        size = self._size(value)
        if size > self._room:
            return
        with self._lock:
            if key in self._values:
                self._filled -= self._size(self._values.pop(key))
            self._values[key] = value
            self._filled += size
            while self._filled > self._room:
                self._filled -= self._size(self._values.popitem(last=False)[1])
