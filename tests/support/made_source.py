"""A source of scenarios that can be made to fail."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simgan.scenarios.product import Scenarios


class Stream:
    """Scenario i of a seed is the same whatever the blocks; it can be interrupted, or end in an error, before a scenario."""

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
