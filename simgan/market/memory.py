r"""The volatility memory: exponentially weighted means of squares, ranges and signed returns.

The memory of an asset before day t is :math:`(q_1 … q_K, n_1 … n_K, m_1 … m_J)`. It holds averages
over several half lives h:

.. math:: q_k ← λ_k q_k + (1 − λ_k)\,s_t, \quad
          n_k ← λ_k n_k + (1 − λ_k)\,2 s_t\,1\{x_t < 0\}, \quad
          m_j ← λ_j m_j + (1 − λ_j)\,\mathrm{sign}(x_t) \sqrt{s_t}, \quad λ_k = 2^{-1/h_k}

Here :math:`s_t = \min(x_t^2,\; g · \bar q)`, and :math:`\bar q` is the mean of the slower half of
the q_k before day t. The guard g bounds the effect of one day on all later days. This is a robust
news impact (Muler & Yohai 2008). The return itself is never changed.

The memory may hold the ranges of days as well: :math:`(q, n, p, p', m)`. Then p and p' are
averages of the range variance v_t (`simgan.market.shapes`), as q and n are of the square:

.. math:: p_k ← λ_k p_k + (1 − λ_k)\,\tilde v_t, \quad
          p'_k ← λ_k p'_k + (1 − λ_k)\,2 \tilde v_t\,1\{x_t < 0\}, \quad
          \tilde v_t = \min(v_t,\; g · \bar p)

The range of a day says more about its volatility than its return (Parkinson 1980, "The extreme
value method for estimating the variance of the rate of return"). A memory of it is news for a
GARCH recursion (Shephard & Sheppard 2010, "Realising the future: forecasting with high-frequency-
based volatility (HEAVY) models"). A day whose range is not known counts by its square.

The memory scales with the returns. Returns multiplied by c give averages of squares and ranges
multiplied by c², and m multiplied by c.

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
        Largest square or range that one day adds, in multiples of the slow variance.
    ranges : bool
        Whether the memory holds ranges.

    Raises
    ------
    ConfigError
        A half life or the guard is out of range, or the half lives are not in order.
    """

    half_lives: tuple[float, ...] = (1.5, 5.0, 12.0, 30.0, 80.0, 250.0)
    trends: tuple[float, ...] = (0.4, 3.0, 15.0)
    guard: float = 12.0
    ranges: bool = False

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
        """Count of numbers that hold squares or ranges: 2K, with ranges 4K."""
        return 2 * len(self.half_lives) * (1 + self.ranges)

    @property
    def fast(self) -> int:
        """Count of the q_k in the faster half, which holds the middle one of an odd number."""
        return (len(self.half_lives) + 1) // 2

    @property
    def width(self) -> int:
        """Count of numbers per asset: W = 2K + J, with ranges 4K + J."""
        return self.squares + len(self.trends)

    @property
    def decay(self) -> Float32Array:
        """λ of each number of the memory, shape (W,)."""
        days = np.array([*self.half_lives * (2 + 2 * self.ranges), *self.trends])
        return (0.5 ** (1.0 / days)).astype(np.float32)

    @property
    def trend_scale(self) -> Float32Array:
        """Standard deviation of each m_j for independent returns of variance 1, shape (J,).

        It is √((1 − λ) / (1 + λ)).
        """
        decay = 0.5 ** (1.0 / np.array(self.trends))
        return np.sqrt((1.0 - decay) / (1.0 + decay)).astype(np.float32)

    def next(
        self, memory: Float32Array, scaled: Float32Array, ranges: Float32Array | None = None
    ) -> Float32Array:
        """Return the memory (…, assets, W) after one more day.

        Parameters
        ----------
        memory : array of shape (…, assets, W)
        scaled : array of shape (…, assets)
            Scaled returns.
        ranges : array of shape (…, assets), optional
            Scaled range variances, if they are known. A memory without ranges takes no notice.
        """
        count, squares = len(self.half_lives), scaled * scaled
        falls = (scaled < 0)[..., None]
        parts = []
        for kind, size in enumerate((squares, squares if ranges is None else ranges)):
            first = 2 * count * kind
            if first < self.squares:
                slow = memory[..., first + count // 2 : first + count]
                news = np.minimum(size, np.float32(self.guard) * slow.mean(axis=-1))[..., None]
                parts += [np.repeat(news, count, -1), np.repeat(2 * news * falls, count, -1)]
        roots = np.sqrt(parts[0][..., :1])  # of the squares
        parts.append(np.repeat(np.where(falls, -roots, roots), len(self.trends), -1))
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

    def along(self, scaled: Float32Array, ranges: Float32Array | None = None) -> Float32Array:
        """Return the memory before each day of a history and after its last.

        Parameters
        ----------
        scaled : array of shape (days, assets)
            Scaled returns. The first memory is the mean square of the first 60 days, or 1 if they
            are still.
        ranges : array of shape (days, assets), optional
            Scaled range variances. Those of the first 60 days give the first memory of ranges.

        Returns
        -------
        array of shape (days + 1, assets, W)
        """
        days, assets = scaled.shape
        scaled = np.asarray(scaled, np.float32)
        sizes = np.square(scaled) if ranges is None else np.asarray(ranges, np.float32)
        memories = np.zeros((days + 1, assets, self.width), np.float32)
        count = 2 * len(self.half_lives)
        memories[0, :, :count] = _level(np.square(scaled))
        memories[0, :, count : self.squares] = _level(sizes)
        for day, (returns, size) in enumerate(zip(scaled, sizes, strict=True)):
            memories[day + 1] = self.next(memories[day], returns, size)
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


def _level(sizes: Float32Array) -> Float32Array:
    """Return the mean (assets, 1) of the first days of sizes (days, assets), or 1 if it is 0."""
    by_asset = np.ascontiguousarray(sizes[:FIRST_DAYS].T)  # (assets, days)
    level = by_asset.mean(axis=-1)[:, None]
    return np.asarray(np.where(level > 0, level, 1), np.float32)  # 0 would stay 0 for ever
