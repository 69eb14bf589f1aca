r"""The volatility memory: exponentially weighted means of squared and of signed returns.

The memory of an asset before day t is :math:`(q_1 … q_K, n_1 … n_K, m_1 … m_J)`. It holds averages
over several half lives h:

.. math:: q_k ← λ_k q_k + (1 − λ_k)\,s_t, \quad
          n_k ← λ_k n_k + (1 − λ_k)\,2 s_t\,1\{x_t < 0\}, \quad
          m_j ← λ_j m_j + (1 − λ_j)\,\mathrm{sign}(x_t) \sqrt{s_t}, \quad λ_k = 2^{-1/h_k}

Here :math:`s_t = \min(x_t^2,\; g · \bar q)`, and :math:`\bar q` is the mean of the slower half of
the q_k before day t. The guard g bounds the effect of one day on all later days. This is a robust
news impact (Muler & Yohai 2008). The return itself is never changed.

The memory scales with the returns. Returns multiplied by c give q and n multiplied by c², and m
multiplied by c.

Every asset has W numbers of its own, and no formula mixes assets. The last two axes of a memory are
therefore (assets, W), and the assets of a history together give the same numbers as each alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import AnyFloatArray, Float32Array
from simgan.errors import ConfigError

FIRST_DAYS = 60  # the memory starts at the mean square of the first days
SHORTEST, LONGEST = 0.01, 100_000.0  # half lives, in days
WEAKEST, STRONGEST = 1.0, 1e6  # guards, in multiples of the slow variance


@dataclass(frozen=True)
class Memory:
    """Settings of the volatility memory, and its formulas.

    Attributes
    ----------
    half_lives : tuple of float
        Half lives of the averages of squares, in days, the shortest first.
    trends : tuple of float
        Half lives of the averages of signed returns, in days, the shortest first.
    guard : float
        Largest square that one day adds, in multiples of the slow variance.

    Raises
    ------
    ConfigError
        A half life or the guard is out of range, or the half lives are not in order.
    """

    half_lives: tuple[float, ...] = (1.5, 5.0, 12.0, 30.0, 80.0, 250.0)
    trends: tuple[float, ...] = (0.4, 3.0, 15.0)
    guard: float = 12.0

    def __post_init__(self) -> None:
        for name in ("half_lives", "trends"):
            days = getattr(self, name)
            if not days or not all(SHORTEST <= day <= LONGEST for day in days):
                bounds = f"at least one number of days, each from {SHORTEST:g} to {LONGEST:g}"
                raise ConfigError("Memory", name, days, bounds)
            if tuple(sorted(days)) != days:
                raise ConfigError("Memory", name, days, "in order, the shortest first")
        if not WEAKEST <= self.guard <= STRONGEST:
            bounds = f"from {WEAKEST:g} to {STRONGEST:g}"
            raise ConfigError("Memory", "guard", self.guard, bounds)

    @property
    def squares(self) -> int:
        """Count of numbers that hold squares: 2K."""
        return 2 * len(self.half_lives)

    @property
    def fast(self) -> int:
        """Count of the q_k in the faster half, which holds the middle one of an odd number."""
        return (len(self.half_lives) + 1) // 2

    @property
    def width(self) -> int:
        """Count of numbers per asset: W = 2K + J."""
        return self.squares + len(self.trends)

    @property
    def decay(self) -> Float32Array:
        """λ of each number of the memory, shape (W,)."""
        days = np.array([*self.half_lives, *self.half_lives, *self.trends])
        return (0.5 ** (1.0 / days)).astype(np.float32)

    @property
    def trend_scale(self) -> Float32Array:
        """Standard deviation of each m_j for independent returns of variance 1, shape (J,).

        It is √((1 − λ) / (1 + λ)).
        """
        decay = 0.5 ** (1.0 / np.array(self.trends))
        return np.sqrt((1.0 - decay) / (1.0 + decay)).astype(np.float32)

    def next(self, memory: Float32Array, scaled: Float32Array) -> Float32Array:
        """Return the memory (…, assets, W) after one more day of scaled returns (…, assets)."""
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
        """Return the mean of the faster half of the q_k before each day of paths.

        Parameters
        ----------
        memory : array of shape (paths, assets, W)
            Before the first day.
        scaled : array of shape (paths, steps, assets)
            Scaled returns.

        Returns
        -------
        array of shape (paths, steps, assets)
        """
        levels = np.empty_like(scaled)
        for step in range(scaled.shape[1]):
            levels[:, step] = memory[..., : self.fast].mean(axis=-1)
            memory = self.next(memory, scaled[:, step])
        return levels

    def along(self, scaled: Float32Array) -> Float32Array:
        """Return the memory before each day of a history and after its last.

        Parameters
        ----------
        scaled : array of shape (days, assets)
            Scaled returns. The first memory is the mean square of the first 60 days, or 1 if they
            are still.

        Returns
        -------
        array of shape (days + 1, assets, W)
        """
        days, assets = scaled.shape
        memories = np.zeros((days + 1, assets, self.width), np.float32)
        by_asset = np.ascontiguousarray(np.square(scaled[:FIRST_DAYS]).T)  # (assets, days)
        level = by_asset.mean(axis=-1)[:, None]
        memories[0, :, : self.squares] = np.where(level > 0, level, 1)  # 0 would stay 0 for ever
        for day, returns in enumerate(np.asarray(scaled, np.float32)):
            memories[day + 1] = self.next(memories[day], returns)
        return memories

    def rescaled(self, memory: Float32Array, factor: AnyFloatArray) -> Float32Array:
        """Return the memory (…, assets, W) after returns whose variance is multiplied by `factor`.

        The factor broadcasts against (…, assets, 1).
        """
        squares, trends = (
            memory[..., : self.squares] * factor,
            memory[..., self.squares :] * np.sqrt(factor),
        )
        return np.asarray(np.concatenate([squares, trends], axis=-1), np.float32)
