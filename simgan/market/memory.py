r"""What a history leaves behind: exponentially weighted means of squared returns at several half lives.

The memory before day t is :math:`m_t = (q_1 … q_K, n_1 … n_K)` with

.. math:: q_k ← λ_k q_k + (1 − λ_k)\,s_t, \qquad n_k ← λ_k n_k + (1 − λ_k)\,2 s_t\,1\{x_t < 0\}, \qquad λ_k = 2^{-1/h_k}

and :math:`s_t = \min(x_t^2,\; g · \bar q)`, where :math:`\bar q` is the mean of the slower half of the q_k before day t. The guard g bounds
what one day can do to all later volatility (a robust news impact, Muler & Yohai 2008); the return itself is never touched. Multiply
all returns by c and the memory is multiplied by c².
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import Float32Array
from simgan.errors import ConfigError

FIRST_DAYS = 60  # the memory starts at the mean square of the first days


@dataclass(frozen=True)
class Memory:
    """Half lives h_k in days and the guard g, in multiples of the slowly remembered variance."""

    half_lives: tuple[float, ...] = (1.5, 5.0, 12.0, 30.0, 80.0, 250.0)
    guard: float = 12.0

    def __post_init__(self) -> None:
        if not self.half_lives or min(self.half_lives) <= 0 or tuple(sorted(self.half_lives)) != self.half_lives:
            raise ConfigError("Memory", "half_lives", self.half_lives, "positive numbers of days, the shortest first")
        if not self.guard >= 1:
            raise ConfigError("Memory", "guard", self.guard, "at least 1")

    @property
    def width(self) -> int:
        """Numbers that the memory holds: 2K."""
        return 2 * len(self.half_lives)

    @property
    def decay(self) -> Float32Array:
        """λ_k, shape (K,)."""
        return (0.5 ** (1.0 / np.asarray(self.half_lives))).astype(np.float32)

    def next(self, memory: Float32Array, scaled: Float32Array) -> Float32Array:
        """Memory (…, 2K) after one more scaled return (…)."""
        count = len(self.half_lives)
        slow = memory[..., count // 2 : count]  # the slower half of the q_k
        news = np.minimum(scaled * scaled, np.float32(self.guard) * slow.mean(axis=-1))[..., None]
        fallen = 2 * news * (scaled < 0)[..., None]
        arriving = np.concatenate([np.repeat(news, count, -1), np.repeat(fallen, count, -1)], axis=-1)
        decay = np.tile(self.decay, 2)
        return np.asarray(decay * memory + (1 - decay) * arriving, np.float32)

    def along(self, scaled: Float32Array) -> Float32Array:
        """Memory before each day of a history (days,) and after its last: shape (days + 1, 2K)."""
        memories = np.empty((len(scaled) + 1, self.width), np.float32)
        memories[0] = np.mean(np.square(scaled[:FIRST_DAYS]))
        for day, value in enumerate(np.asarray(scaled, np.float32)):
            memories[day + 1] = self.next(memories[day], value)
        return memories
