"""The contract of an example."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from simgan.seeds import Seed


@dataclass(frozen=True)
class Played:
    """What one seed gave: numbers by name, what the figure shows, and what else is told of it, in sentences."""

    numbers: dict[str, float]
    shown: Any = field(default=None, repr=False)
    told: tuple[str, ...] = ()


class Example(ABC):
    """A small game whose outcome is known.

    Attributes
    ----------
    kind : str
        Its name on the command line.
    expected : dict of str
        For each number what the text or the theory has.
    """

    kind: ClassVar[str]
    expected: ClassVar[dict[str, str]]

    @abstractmethod
    def play(self, seed: Seed) -> Played:
        """Play it once."""

    @abstractmethod
    def draw(self, played: Played) -> Any:
        """Return the matplotlib figure of what was played."""
