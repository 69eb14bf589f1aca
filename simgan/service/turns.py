"""Turns of tasks that want the same thing: so many of them at a time, and the others wait."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from weakref import WeakValueDictionary


class Turns:
    """A semaphore for each key that tasks ask for. Those who wait hold no thread.

    Parameters
    ----------
    at_once : int
        Tasks with the same key that have their turn at the same time.
    """

    def __init__(self, at_once: int = 1) -> None:
        self._at_once = at_once
        self._turns: WeakValueDictionary[Hashable, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, key: Hashable) -> asyncio.Semaphore:
        """Return the semaphore of a key, which lives as long as a task uses it."""
        return self._turns.setdefault(key, asyncio.Semaphore(self._at_once))
