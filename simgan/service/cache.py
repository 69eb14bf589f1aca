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
        self._making: dict[Hashable, threading.Event] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of a key. It is made in this thread where the cache lacks it.

        Other threads that ask for it meanwhile wait. If it cannot be made, the next of them tries.
        """
        while True:
            with self._lock:
                if key in self._values:
                    self._values.move_to_end(key)
                    return self._values[key]
                if (making := self._making.get(key)) is None:
                    made = self._making[key] = threading.Event()
                    break
            making.wait()
        try:
            value = make()
            self.keep(key, value)
        finally:
            with self._lock:
                del self._making[key]
            made.set()
        return value

    def found(self, key: Hashable) -> Value | None:
        """Return the value of a key, or None where the cache lacks it."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def keep(self, key: Hashable, value: Value) -> None:
        """Keep a value that the cache lacks, if there is room for it at all."""
        size = self._size(value)
        if size > self._room:
            return
        with self._lock:
            self._values[key] = value
            self._filled += size
            while self._filled > self._room:
                self._filled -= self._size(self._values.popitem(last=False)[1])
