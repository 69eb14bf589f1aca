"""The state-space generator in NumPy: the reference that every faster runtime agrees with.

The formulas are those of `simgan.recipe.blueprints.state_space`, in float32 as in training.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr, ndtri

from simgan.arrays import Float32Array, FloatArray
from simgan.bundle import Runtime
from simgan.market.shapes import range_variance
from simgan.recipe.blueprints import LEAKY_SLOPE
from simgan.recipe.blueprints.state_space import RATIO_FLOOR, SIZES, StateSpace
from simgan.sampling.lent_shapes import Lending, lending, places_of, scaled_shapes

_HALF = np.float32(0.5)
_FARTHEST = 8.0  # score: chance 6·10⁻¹⁶
_HALVINGS = 40  # of the distance between scores, until it is below 10⁻¹¹


class NumpyRuntime(Runtime[StateSpace]):
    """Plain NumPy, one step at a time."""

    kind: ClassVar[str] = "numpy"

    def roll(self, memory: Float32Array, noise: Float32Array) -> tuple[Float32Array, Float32Array]:
        rolled = np.empty((len(memory), len(noise), 1), np.float32)
        state = self.by_replica(self.rows(memory))
        for day, latent in enumerate(noise):
            drawn = self.by_replica(latent)
            scaled = self.step(state, drawn[..., 0])
            state = self.next(state, scaled, drawn)
            rolled[:, day] = self.by_path(scaled[..., None], len(memory))
        return rolled, self.by_path(state, len(memory)).reshape(memory.shape)

    def step(self, memory: Float32Array, normal: Float32Array) -> Float32Array:
        """Return the next scaled returns (R, paths).

        Parameters
        ----------
        memory : array of shape (R, paths, W)
        normal : array of shape (R, paths)
            Normal scores.
        """
        remembered = self.remembered(memory)
        share = self.wildness(remembered)
        news = blended(self.innovation(normal), share)
        drawn = self.location(memory) + self._factored(memory, remembered) * news
        if self.blueprint.jump:
            drawn = drawn + jumps(self.weights["jumps"], normal)
        if self.blueprint.still < 1:
            rest = np.moveaxis(self.weights["rest"], 0, -1)[..., None]  # (laws, 2, R, 1)
            low, high = blended(rest, share)
            drawn = np.where((normal > low) & (normal < high), 0, drawn)
        return np.asarray(drawn, np.float32)

    def scores(self, memory: Float32Array, scaled: Float32Array) -> FloatArray:
        """Return the normal scores (days,) of scaled returns (days,) that are known.

        It is the inverse of `step` in the law of the mixture: the score of the mean probability
        that the replicas give to a smaller return. A day without a move has the score in the middle
        of its interval. The memories (days, W) stand before each day, without a factor.
        """
        state = np.broadcast_to(memory, (self.blueprint.replicas, *memory.shape))
        lowest = self._crossing(state, scaled, np.less)
        highest = self._crossing(state, scaled, np.less_equal)
        shares = (ndtr(lowest) + ndtr(highest)) / 2  # (R, days)
        bounds = ndtr([-_FARTHEST, _FARTHEST])
        return np.asarray(ndtri(np.clip(shares.mean(axis=0), *bounds)), np.float64)

    def _crossing(
        self,
        memory: Float32Array,
        scaled: Float32Array,
        is_before: Callable[..., NDArray[np.bool_]],
    ) -> FloatArray:
        """Return the scores (R, days) up to which generated returns are before known ones."""
        low = np.full(memory.shape[:2], -_FARTHEST)
        high = -low
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            holds = is_before(self.step(memory, middle), scaled)
            low, high = np.where(holds, middle, low), np.where(holds, high, middle)
        return np.asarray((low + high) / 2, np.float64)

    def next(self, memory: Float32Array, scaled: Float32Array, drawn: Float32Array) -> Float32Array:
        """Return memories (R, paths, W) after scaled returns (R, paths).

        The noise has shape (R, paths, latent).
        """
        blueprint, ranges = self.blueprint, None
        if blueprint.ranges:
            shapes = self.shapes(memory, scaled, drawn)
            ranges = range_variance(scaled, shapes) / self.weights["range_mean"]
        known = blueprint.memory.next(memory[..., : blueprint.memory.width], scaled, ranges)
        if not blueprint.factors:
            return known
        moves = drawn[..., 1 : 1 + blueprint.factors]
        w, decays = self.weights, blueprint.log_decays
        logs = decays.astype(np.float32) * memory[..., blueprint.memory.width :]
        excess = np.log(self.remembered(memory) / w["high"][:, None])[..., None]
        pull = np.float32((1 - decays[0]) * blueprint.pull) * np.maximum(excess, 0)
        move = np.float32(np.sqrt(1 - decays[0] ** 2)) * w["factor"][:, None, None] * moves
        logs[..., :1] = logs[..., :1] - pull - move
        return np.asarray(np.concatenate([known, logs], axis=-1), np.float32)

    def shapes(
        self, memory: Float32Array, scaled: Float32Array, drawn: Float32Array
    ) -> Float32Array:
        """Return the scaled shapes (R, paths, 3) of scaled returns (R, paths).

        The memories (R, paths, W) stand before the day. The noise has shape (R, paths, latent).
        """
        places, share = (
            places_of(drawn[..., 0], drawn[..., -1]),
            self.wildness(self.remembered(memory)),
        )
        days = lending(self.weights["days"], places, share)
        return scaled_shapes(scaled, self.spread(memory), self.sizes(memory), days)

    def location(self, memory: Float32Array) -> Float32Array:
        """Return μ + Σ φ m / c (R, paths) of the day after a memory (R, paths, W)."""
        kept = self.blueprint.memory
        trends = memory[..., kept.squares : kept.width] / kept.trend_scale
        return np.asarray(
            self.weights["drift"][:, None] + (trends @ self.weights["trend"][..., None])[..., 0],
            np.float32,
        )

    def spread(self, memory: Float32Array) -> Float32Array:
        """Return e^(g + χ) σ (R, paths) of the day after a memory (R, paths, W)."""
        return self._factored(memory, self.remembered(memory))

    def _factored(self, memory: Float32Array, remembered: Float32Array) -> Float32Array:
        logs = memory[..., self.blueprint.memory.width :].sum(axis=-1)  # 0 without a factor
        return np.asarray(np.exp(logs) * remembered, np.float32)

    def sizes(self, memory: Float32Array) -> Float32Array:
        """Return the sizes e^(g + χ) m of shapes (R, paths) after a memory (R, paths, W)."""
        kept, columns = self.blueprint.memory, memory.swapaxes(1, 2)  # (R, W, paths)
        lent = Lending.of(self.weights, self.blueprint.ceiling)
        return lent.sizes(columns[:, : kept.squares], columns[:, kept.width :])

    def remembered(self, memory: Float32Array) -> Float32Array:
        """Return σ (R, paths) of the day after a memory (R, paths, W)."""
        w, memory = self.weights, memory[..., : self.blueprint.memory.squares]
        shares = _softmax(w["mix"])  # (R, 1 + 2K), with ranges 1 + 4K
        level = (
            shares[:, :1, None] * w["long_run"][:, None, None] + memory @ shares[:, 1:, None]
        )  # (R, paths, 1)
        ratios = memory / level
        ratios += np.float32(RATIO_FLOOR)
        np.log(ratios, out=ratios)
        ratios *= _HALF  # (R, paths, 2K or 4K)
        hidden = ratios @ w["volatility_in"]
        hidden += w["volatility_in_bias"][:, None]
        np.maximum(hidden, np.float32(LEAKY_SLOPE) * hidden, out=hidden)
        turn = (hidden @ w["volatility_out"][..., None])[..., 0] + w["volatility_out_bias"][:, None]
        wild = level[..., 0] * np.exp(
            2 * (w["log_scale"][:, None] + np.float32(self.blueprint.correction) * np.tanh(turn))
        )
        bound = np.float32(self.blueprint.ceiling) * w["long_run"][:, None]
        return np.asarray(np.sqrt(wild / np.sqrt(1 + (wild / bound) ** 2)), np.float32)

    def wildness(self, remembered: Float32Array) -> Float32Array:
        """Return the shares ω (R, paths) of the law of wild days by spreads σ (R, paths)."""
        if self.blueprint.laws == 1:
            return np.zeros_like(remembered)
        calm, wild = np.log(self.weights["between"].T[..., None])  # (R, 1)
        return np.asarray(np.clip((np.log(remembered) - calm) / (wild - calm), 0, 1), np.float32)

    def innovation(self, normal: Float32Array) -> Float32Array:
        """Return Q(z) of each law, (laws, R, n), for normal scores (R, n)."""
        knots, found = self.weights["knots"], []
        bodies, sides = (np.swapaxes(self.weights[name], 0, 1) for name in ("body", "tails"))
        for body, tails in zip(bodies, sides, strict=True):  # (R, B), (R, 2, 2)
            inside = [np.interp(z, knots, values) for z, values in zip(normal, body, strict=True)]
            below = _excess(tails[:, 0], -normal, knots[-1])
            above = _excess(tails[:, 1], normal, knots[-1])
            found.append(np.stack(inside) + above - below)
        return np.asarray(found, np.float32)


def blended(laws: Float32Array, share: Float32Array) -> Float32Array:
    """Return the only law (1, …), or those of calm and of wild days (2, …) blended.

    The share is that of wild days.
    """
    calm, *others = laws
    return np.asarray(calm + share * (others[0] - calm) if others else calm, np.float32)


def jumps(sides: Float32Array, normal: Float32Array) -> Float32Array:
    """Return J(z) for normal scores, by the weight ``jumps`` (2, 1 + SIZES)."""
    found = np.zeros_like(normal)
    for (share, *sizes), sign in zip(sides, (-1, 1), strict=True):
        if share > 0:
            places = np.nonzero(sign * normal > ndtri(1 - float(share)))
            rank = 1 - ndtr(-np.abs(normal[places].astype(np.float64))) / share
            found[places] = sign * np.interp(rank, np.linspace(0, 1, SIZES), sizes)
    return found


def _excess(tail: Float32Array, score: Float32Array, top: Float32Array) -> Float32Array:
    """Return the excess (R, n) over the outermost knot in a generalised Pareto tail (R, 2).

    It is 0 inside.
    """
    excess = np.zeros_like(score)
    rows, columns = np.nonzero(score > top)
    exponential = log_ndtr(-top) - log_ndtr(-score[rows, columns])  # log Φ(−κ) − log Φ(−z)
    shape, scale = tail[rows].T
    excess[rows, columns] = scale * np.expm1(shape * exponential) / shape
    return excess


def _softmax(values: Float32Array) -> Float32Array:
    shares = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True), np.float32)
