"""Places for work that lasts: as many as a process has, of which a caller may take a part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from simgan.service.problems import Problem

_PAUSE = "10"  # seconds after which a caller may come again


class Places:
    """Places for one kind of work. The thread of the event loop alone takes them.

    Parameters
    ----------
    kind : str
        Word for the work in messages, in the plural.
    most : int
        Places of all callers.
    of_caller : int
        Places of one caller.
    """

    def __init__(self, kind: str, most: int, of_caller: int) -> None:
        self._kind, self._most, self._of_caller = kind, most, of_caller
        self._taken: Counter[str] = Counter()

    @property
    def taken_count(self) -> int:
        """Number of places that are taken."""
        return self._taken.total()

    @contextmanager
    def taken(self, caller: str) -> Iterator[None]:
        """Take a place.

        Raises
        ------
        Problem
            All are taken, or all of this caller.
        """
        if self.taken_count >= self._most:
            raise self._full(f"{self.taken_count:,} {self._kind} are open", self._most)
        if self._taken[caller] >= self._of_caller:
            raise self._full(f"you have {self._of_caller:,} {self._kind} open", self._of_caller)
        self._taken[caller] += 1
        try:
            yield
        finally:
            self._taken[caller] -= 1
            self._taken += Counter()  # forget callers without a place

    def _full(self, sentence: str, limit: int) -> Problem:
        detail = f"{sentence}, and the limit is {limit:,}; come again"
        return Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, headers={"Retry-After": _PAUSE})
