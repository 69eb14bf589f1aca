"""Small answers that were computed a moment ago, for the many who ask the same."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable


class KeptAnswers:
    """The last used answers by their addresses, up to a number of bytes. Any thread may ask.

    Parameters
    ----------
    room : int
        Bytes of all answers together.
    """

    def __init__(self, room: int) -> None:
        self._room, self._size = room, 0
        self._answers: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, address: str, make: Callable[[], bytes]) -> bytes:
        """Return the answer at an address. It is made where it is not kept."""
        with self._lock:
            kept = self._answers.get(address)
            if kept is not None:
                self._answers.move_to_end(address)
                return kept
        made = make()
        if len(made) <= self._room:
            self._keep(address, made)
        return made

    def _keep(self, address: str, made: bytes) -> None:
        with self._lock:
            self._size += len(made) - len(self._answers.pop(address, b""))
            self._answers[address] = made
            while self._size > self._room:
                self._size -= len(self._answers.popitem(last=False)[1])
