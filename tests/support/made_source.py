"""A source of scenarios that can be made to fail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from simgan.scenarios.product import Scenarios


class Stream:
    """Scenarios of a seed that are the same in all sizes of blocks.

    It can be interrupted, or end in an error, before a scenario.
    """

    def __init__(
        self,
        seed: int = 3,
        block: int = 10,
        stop_before: int = 10**9,
        because: type[BaseException] = KeyboardInterrupt,
    ) -> None:
        self.seed, self.block, self.stop_before, self.because = seed, block, stop_before, because
        self.drawn = 0

    def __call__(self, first: int, n: int) -> Iterator[Scenarios]:
        for start in range(first, first + n, self.block):
            if start + self.block > self.stop_before:
                raise self.because
            numbers = range(start, min(start + self.block, first + n))
            draws = np.stack(
                [np.random.default_rng((self.seed, i)).normal(0.0, 0.01, (5, 1)) for i in numbers]
            )
            self.drawn += len(draws)
            yield Scenarios(
                draws.astype(np.float32), start, self.seed, ("SP500",), np.array([2506.85])
            )


class Rounded(Stream):
    """The same stream on another kind of processor: log returns differ by up to `error`."""

    def __init__(self, error: float = 3e-8) -> None:
        super().__init__()
        self.error = error

    def __call__(self, first: int, n: int) -> Iterator[Scenarios]:
        for block in super().__call__(first, n):
            signs = np.where(np.arange(block.log_returns.size) % 3, 1.0, -1.0)
            shift = self.error * signs.reshape(block.log_returns.shape)
            shifted = block.log_returns.astype(np.float64) + shift
            yield replace(block, log_returns=shifted.astype(np.float32))
