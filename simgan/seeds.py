"""One user seed, named streams, addressed blocks.

Every random number in simgan comes from a `Seed` and an address ``(stream, *block)``, through
NumPy's Philox generator (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
Nothing global is seeded, and no generator state is ever saved: to go on at step 700, ask for the
stream of step 700.

A seed may belong to an owner, such as a model. Two owners share no stream: under one seed their
numbers are independent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Integral
from typing import Self

import numpy as np

from simgan.errors import ConfigError

# Append only: a number, once given, belongs to its name for ever, or old models would give other
# scenarios.
STREAMS = {
    "weights": 0,
    "batches": 1,
    "latent": 2,
    "free-run": 3,
    "validation": 4,
    "bootstrap": 5,
    "baseline": 6,
    "start-state": 7,
    "calibration": 8,
    "noise-floor": 9,
    "tensorflow": 10,
    "backtest": 11,
    "forecast": 12,
    "pilot": 13,
    "long-run": 14,
    "labels": 15,
    "unseen": 16,
    "plausible": 17,
    "level": 18,
    "untraded": 19,
    "joint-margins": 20,
    "report": 21,
    "portfolios": 22,
    "guess": 23,
}


@dataclass(frozen=True)
class Seed:
    """The user's integer (0 ≤ value < 2⁶³) and the streams derived from it.

    Attributes
    ----------
    value : int
    owner : str
        Hexadecimal digits of the owner of the streams. Empty for streams that all share.
    """

    value: int = 0
    owner: str = ""

    def __post_init__(self) -> None:
        is_whole = isinstance(self.value, Integral) and not isinstance(self.value, bool)
        if not is_whole or not 0 <= self.value < 2**63:
            raise ConfigError("Seed", "value", self.value, "an integer from 0 to 2^63 - 1")

    def of(self, owner: str) -> Self:
        """Return the seed whose streams belong to an owner (hexadecimal digits), or to all ("").

        The digits must be those of a hash: two short owners could meet.
        """
        return replace(self, owner=owner)

    def stream(self, name: str, *block: int) -> np.random.Generator:
        """Return the generator at address ``(name, *block)``.

        The same address always gives the same numbers.
        """
        key = (STREAMS[name], *block)
        if self.owner:
            key = (int(self.owner, 16), *key)
        return np.random.Generator(
            np.random.Philox(np.random.SeedSequence(self.value, spawn_key=key))
        )

    def integer(self, name: str, *block: int) -> int:
        """Return one integer below 2³¹ for libraries that take a seed of their own."""
        return int(self.stream(name, *block).integers(2**31))
