r"""What a history leaves behind: exponentially weighted means of squared and of signed returns at several half lives.

The memory before day t is :math:`(q_1 … q_K, n_1 … n_K, m_1 … m_J)` with

.. math:: q_k ← λ_k q_k + (1 − λ_k)\,s_t, \quad n_k ← λ_k n_k + (1 − λ_k)\,2 s_t\,1\{x_t < 0\}, \quad
          m_j ← λ_j m_j + (1 − λ_j)\,\mathrm{sign}(x_t) \sqrt{s_t}, \quad λ_k = 2^{-1/h_k}

and :math:`s_t = \min(x_t^2,\; g · \bar q)`, where :math:`\bar q` is the mean of the slower half of the q_k before day t. The guard g bounds
what one day can do to all later days (a robust news impact, Muler & Yohai 2008); the return itself is never touched. Multiply
all returns by c and q and n are multiplied by c², m by c.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import AnyFloatArray, Float32Array
from simgan.errors import ConfigError

FIRST_DAYS = 60  # the memory starts at the mean square of the first days


@dataclass(frozen=True)
class Memory:
    """Half lives h in days of squares and of signed returns, and the guard g, in multiples of the slowly remembered variance."""

    half_lives: tuple[float, ...] = (1.5, 5.0, 12.0, 30.0, 80.0, 250.0)
    trends: tuple[float, ...] = (0.4, 3.0, 15.0)
    guard: float = 12.0

    def __post_init__(self) -> None:
        for name in ("half_lives", "trends"):
            days = getattr(self, name)
            if not days or min(days) <= 0 or tuple(sorted(days)) != days:
                raise ConfigError(
                    "Memory", name, days, "positive numbers of days, the shortest first"
                )
        if not self.guard >= 1:
            raise ConfigError("Memory", "guard", self.guard, "at least 1")

    @property
    def squares(self) -> int:
        """Numbers that hold squares: 2K."""
        return 2 * len(self.half_lives)

    @property
    def fast(self) -> int:
        """How many of the q_k are the faster half, which may be larger by one."""
        return (len(self.half_lives) + 1) // 2

    @property
    def width(self) -> int:
        """Numbers that the memory holds: W = 2K + J."""
        return self.squares + len(self.trends)

    @property
    def decay(self) -> Float32Array:
        """λ of each number of the memory, shape (W,)."""
        days = np.array([*self.half_lives, *self.half_lives, *self.trends])
        return (0.5 ** (1.0 / days)).astype(np.float32)

    @property
    def trend_scale(self) -> Float32Array:
        """Standard deviation of each m_j for independent returns of variance 1, shape (J,): √((1 − λ) / (1 + λ))."""
        decay = 0.5 ** (1.0 / np.array(self.trends))
        return np.sqrt((1.0 - decay) / (1.0 + decay)).astype(np.float32)

    def next(self, memory: Float32Array, scaled: Float32Array) -> Float32Array:
        """Memory (…, W) after one more scaled return (…)."""
        count = len(self.half_lives)
        slow = memory[..., count // 2 : count]  # the slower half of the q_k
        news = np.minimum(scaled * scaled, np.float32(self.guard) * slow.mean(axis=-1))[..., None]
        falls = (scaled < 0)[..., None]
        signed = np.where(falls, -np.sqrt(news), np.sqrt(news))
        parts = (
            np.repeat(news, count, -1),
            np.repeat(2 * news * falls, count, -1),
            np.repeat(signed, len(self.trends), -1),
        )
        return np.asarray(
            self.decay * memory + (1 - self.decay) * np.concatenate(parts, axis=-1), np.float32
        )

    def levels(self, memory: Float32Array, scaled: Float32Array) -> Float32Array:
        """Mean of the faster half of the q_k before each day of paths (paths, steps), from memories (paths, W) on."""
        found, count = np.empty_like(scaled), self.fast
        for step in range(scaled.shape[1]):
            found[:, step] = memory[:, :count].mean(axis=1)
            memory = self.next(memory, scaled[:, step])
        return found

    def along(self, scaled: Float32Array) -> Float32Array:
        """Memory before each day of a history (days,) and after its last: shape (days + 1, W)."""
        memories = np.zeros((len(scaled) + 1, self.width), np.float32)
        memories[0, : self.squares] = np.mean(np.square(scaled[:FIRST_DAYS]))
        for day, value in enumerate(np.asarray(scaled, np.float32)):
            memories[day + 1] = self.next(memories[day], value)
        return memories

    def rescaled(self, memory: Float32Array, factor: AnyFloatArray) -> Float32Array:
        """Memory (…, W) after returns multiplied by the root of `factor`, which broadcasts against (…, 1)."""
        squares, trends = (
            memory[..., : self.squares] * factor,
            memory[..., self.squares :] * np.sqrt(factor),
        )
        return np.asarray(np.concatenate([squares, trends], axis=-1), np.float32)
