"""The state-space generator on a CPU, several times as fast as the reference.

The formulas are the same, arranged for the cache.

Paths are the last axis, every array is allocated once, and constants of all steps are folded into
the weights:

- Leaky ReLU is .6 x + .4 |x|, so that the linear part of the network becomes one more row beside
  the hidden layer.
- The biases are the weights of a ratio that is always 1.
- The bodies of the innovations are looked up by their evenly spaced knots, for all steps at once.

Every pass computes 512 paths of each replica, because a matrix product rounds differently for
another number of columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr

from simgan.arrays import Float32Array
from simgan.bundle import Runtime
from simgan.market.shapes import PARTS, range_variance
from simgan.recipe.blueprints import LEAKY_SLOPE
from simgan.recipe.blueprints.state_space import KNOTS, RATIO_FLOOR, SIZES, StateSpace
from simgan.sampling.lent_shapes import Lending, lending, places_of, scaled_shapes
from simgan.sampling.runtimes.numpy_runtime import jumps

COLUMNS = 512  # paths of each replica: their memories stay in the second-level cache
STEPS = 32  # their scores stay there too
_LINEAR, _ABSOLUTE = (1 + LEAKY_SLOPE) / 2, (1 - LEAKY_SLOPE) / 2  # leaky ReLU


class CpuRuntime(Runtime[StateSpace]):
    """NumPy with buffers, paths last."""

    kind: ClassVar[str] = "cpu"

    def __init__(self, blueprint: StateSpace, weights: dict[str, Float32Array]) -> None:
        super().__init__(blueprint, weights)
        self._folded = _Folded(blueprint, weights)

    def roll(self, memory: Float32Array, noise: Float32Array) -> tuple[Float32Array, Float32Array]:
        steps, paths = noise.shape[:2]
        replicas, state = self.blueprint.replicas, self.rows(memory)
        rolled, after = np.empty((paths, steps), np.float32), np.empty_like(state)
        for rows in _parts(paths, COLUMNS * replicas):
            rolling = _Rolling(self._folded, _columns(state[rows], replicas))
            for days in _parts(steps, STEPS):
                drawn = _columns_of_noise(noise[days, rows], replicas)
                rolled[rows, days] = _rows(rolling.through(*drawn), rows)
            after[rows] = _rows(rolling.state, rows)
        return rolled[..., None], after.reshape(memory.shape)

    def shapes(
        self, memory: Float32Array, scaled: Float32Array, noise: Float32Array
    ) -> Float32Array:
        """Return the scaled shapes (paths, steps, 1, 3) of paths that any runtime has rolled.

        The paths are replayed, which takes about as long as to roll them.

        Parameters
        ----------
        memory, noise : arrays
            As they were given to `roll`.
        scaled : array of shape (paths, steps, 1)
            Its result.
        """
        replicas, state = self.blueprint.replicas, self.rows(memory)
        found = np.empty((*scaled.shape[:2], PARTS), np.float32)
        for rows in _parts(len(scaled), COLUMNS * replicas):
            rolling = _Rolling(self._folded, _columns(state[rows], replicas))
            for days in _parts(len(noise), STEPS):
                known = _columns(scaled[rows, days, 0], replicas)
                drawn = _columns_of_noise(noise[days, rows], replicas)
                found[rows, days] = _rows(rolling.shapes(known, *drawn), rows)
        return found[:, :, None]


class _Folded:
    """Weights in the order of the steps: R first, then a matrix or row, then 1 for the paths."""

    def __init__(self, blueprint: StateSpace, weights: dict[str, Float32Array]) -> None:
        w, memory, self.squares = weights, blueprint.memory, blueprint.memory.squares
        self.replicas = blueprint.replicas
        shares = np.exp(w["mix"] - w["mix"].max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        self.shares, self.base = (
            _f32(shares[:, None, 1:]),
            _f32((shares[:, 0] * w["long_run"])[:, None, None]),
        )
        hidden = np.concatenate(
            [0.5 * w["volatility_in"], w["volatility_in_bias"][:, None]], axis=1
        )  # ½ of ρ = ½ log(…)
        self.hidden = _f32(hidden.swapaxes(1, 2))  # (R, hidden, 2K + 1)
        linear = _LINEAR * (w["volatility_out"][:, None] @ self.hidden)
        linear[:, 0, self.squares] += w["volatility_out_bias"]
        self.linear, self.absolute = _f32(linear), _f32(_ABSOLUTE * w["volatility_out"][:, None])
        self.log_scale, self.correction = (
            _f32(2 * w["log_scale"][:, None, None]),
            np.float32(2 * blueprint.correction),
        )
        self.over_bound = _f32(1 / (blueprint.ceiling * w["long_run"][:, None, None]))
        self.drift, self.trend = (
            _f32(w["drift"][:, None, None]),
            _f32((w["trend"] / memory.trend_scale)[:, None]),
        )
        self.factors, self.logs = blueprint.factors, blueprint.logs
        self.decay = _f32(np.append(memory.decay, blueprint.log_decays)[:, None])
        if self.factors:
            decay, rows = blueprint.log_decays[0], (slice(None), None, None)
            self.move = _f32((np.sqrt(1 - decay**2) * w["factor"])[rows])
            self.log_high, self.pull = (
                _f32(np.log(w["high"])[rows]),
                np.float32((1 - decay) * blueprint.pull),
            )
        count, self.ranges = len(memory.half_lives), blueprint.ranges
        news = [count] * (2 + 2 * self.ranges) + [len(memory.trends)]
        kinds = np.zeros((blueprint.width, len(news)))  # which news each number takes in
        kinds[: memory.width] = np.repeat(np.eye(len(news)), news, axis=0)
        self.arrival = _f32((1 - self.decay) * kinds)  # (W, 3), with ranges (W, 5)
        firsts = range(0, memory.squares, 2 * count)  # of squares, and of ranges
        self.slow = [slice(first + count // 2, first + count) for first in firsts]
        self.guard = np.float32(memory.guard / (count - count // 2))
        if self.ranges:
            self.lent = Lending.of(w, blueprint.ceiling)
        self.top, self.spacing, self.tails = (
            w["knots"][-1],
            w["knots"][1] - w["knots"][0],
            w["tails"],
        )
        slopes = np.diff(w["body"].astype(np.float64), axis=2)
        self.slopes, self.intercepts = (
            _f32(slopes),
            _f32(w["body"][..., :-1] - slopes * np.arange(KNOTS - 1)),
        )
        self.laws = blueprint.laws
        if self.laws > 1:
            calm, wild = np.log(w["between"].astype(np.float64)).T[..., None, None]
            self.log_calm, self.of_log = _f32(calm), _f32(1 / (wild - calm))
        rest = w["rest"] if blueprint.still < 1 else np.zeros((self.replicas, self.laws, 2))
        self.rest = _f32(np.moveaxis(rest, 0, -1)[..., None, None])  # (laws, 2, R, 1, 1)
        self.sides = w["jumps"] if blueprint.jump else np.zeros((2, 1 + SIZES), np.float32)
        self.is_plain = not (rest.any() or self.sides.any())

    def innovations(self, scores: Float32Array) -> Float32Array:
        """Return Q(z) of normal scores (R, steps, columns), after an axis of laws.

        The second is the difference of the law of wild days to that of calm days.
        """
        place = (np.clip(scores, -self.top, self.top) + self.top) / self.spacing
        left = np.minimum(place.astype(np.intp), KNOTS - 2)
        found = np.empty((self.laws, *scores.shape), np.float32)
        for replica, of_replica in enumerate(scores):
            here = left[replica]
            sides = []
            for sign in (-1, 1):
                beyond = np.nonzero(sign * of_replica > self.top)
                exponential = log_ndtr(-self.top) - log_ndtr(-np.abs(of_replica[beyond]))
                sides.append((sign, beyond, exponential))
            for law, tails in enumerate(self.tails[replica]):
                news = found[law, replica]
                np.multiply(place[replica], self.slopes[replica, law][here], out=news)
                news += self.intercepts[replica, law][here]
                for (shape, scale), (sign, beyond, exponential) in zip(tails, sides, strict=True):
                    news[beyond] += sign * scale * np.expm1(shape * exponential) / shape
        found[1:] -= found[0]
        return found


class _Rolling:
    """The memories (R, W, 512) of running paths, and buffers for one step."""

    def __init__(self, weights: _Folded, state: Float32Array) -> None:
        self.weights, self.state = weights, state
        rows = (weights.replicas, 1, COLUMNS)
        end = state.shape[1] - weights.logs
        self.held, self.trends, self.logs = (
            state[:, : weights.squares],
            state[:, weights.squares : end],
            state[:, end:],
        )
        self.factor = self.logs[:, :1]
        self.slow = [state[:, rows] for rows in weights.slow]  # of squares, and of ranges
        self.ratios = np.ones(
            (rows[0], weights.squares + 1, COLUMNS), np.float32
        )  # the last stays 1
        self.varying = self.ratios[:, : weights.squares]
        self.hidden = np.empty((rows[0], weights.hidden.shape[1], COLUMNS), np.float32)
        self.level, self.value, self.spare, self.down, self.share, self.spread = (
            np.zeros(rows, np.float32) for _ in range(6)
        )
        self.arriving = np.empty(
            (rows[0], weights.arrival.shape[1], COLUMNS), np.float32
        )  # squared, squared where it fell, the same of ranges, signed
        self.has_fallen, self.update = np.empty(rows, bool), np.empty_like(state)

    def through(self, scores: Float32Array, *others: Float32Array) -> Float32Array:
        """Replace the normal scores (R, steps, 512) of some days by their scaled returns.

        The other noise has the same shape: the moves u of a stochastic volatility factor, and the
        scores ζ of the days that lend their shapes.
        """
        # The guard bounds the square. `Model.unscaled` refuses paths that explode.
        with np.errstate(all="ignore"):
            news = self.weights.innovations(scores)
            is_plain = self.weights.is_plain
            rare = () if is_plain else (scores.copy(), jumps(self.weights.sides, scores))
            places = places_of(scores, others[-1]) if self.weights.ranges else None
            for step in range(scores.shape[1]):
                scores[:, step] = self.next(
                    news[:, :, step, None], *(part[:, step, None] for part in rare)
                )
                if places is not None:
                    self._arrange_ranges(places[:, step])
                self._remember(*(part[:, step, None] for part in others[: self.weights.factors]))
        return scores

    def shapes(
        self, scaled: Float32Array, scores: Float32Array, *others: Float32Array
    ) -> Float32Array:
        """Return the scaled shapes (R, steps, 512, 3) of days with known scaled returns.

        Returns and noise have the shape (R, steps, 512).
        """
        found = np.empty((*scaled.shape, PARTS), np.float32)
        with np.errstate(all="ignore"):
            places = places_of(scores, others[-1])
            for step in range(scaled.shape[1]):
                self._look_ahead()
                np.copyto(self.value, scaled[:, step, None])
                found[:, step] = self._arrange_ranges(places[:, step])
                self._remember(*(part[:, step, None] for part in others[: self.weights.factors]))
        return found

    def next(self, innovations: Float32Array, *rare: Float32Array) -> Float32Array:
        """Return the scaled returns (R, 512) of the next step.

        Innovations have shape (laws, R, 1, 512). Scores and jumps have shape (R, 1, 512), if there
        are jumps or still days. The next step reuses the buffer.
        """
        w, value, spare = self.weights, self.value, self.spare
        self._look_ahead()
        np.multiply(self.spread, self._blended(innovations), out=value)
        np.matmul(w.trend, self.trends, out=spare)
        spare += w.drift
        value += spare
        if rare:
            scores, of_jumps = rare
            value += of_jumps
            low, high = w.rest[0] + self.share * (w.rest[-1] - w.rest[0])
            np.copyto(value, 0, where=(scores > low) & (scores < high))
        return value[:, 0]

    def _look_ahead(self) -> None:
        """Compute the spread σ e^(g + χ) of the next day, and the share of wild days' law."""
        w, value = self.weights, self.value
        self._remembered()
        if w.factors or w.laws > 1:
            np.log(value, out=self.down)
        if w.laws > 1:
            np.subtract(self.down, w.log_calm, out=self.share)
            self.share *= w.of_log
            np.clip(self.share, 0, 1, out=self.share)
        if w.factors:
            self._factor_in()
        np.copyto(self.spread, value)

    def _remembered(self) -> None:
        """Compute σ in `value`."""
        w, value, spare, varying = self.weights, self.value, self.spare, self.varying
        np.matmul(w.shares, self.held, out=self.level)
        self.level += w.base
        np.divide(1, self.level, out=spare)
        np.multiply(self.held, spare, out=varying)
        varying += np.float32(RATIO_FLOOR)
        np.log(varying, out=varying)
        np.matmul(w.hidden, self.ratios, out=self.hidden)
        np.abs(self.hidden, out=self.hidden)
        np.matmul(w.absolute, self.hidden, out=value)
        np.matmul(w.linear, self.ratios, out=spare)
        value += spare
        np.tanh(value, out=value)
        value *= w.correction
        value += w.log_scale
        np.exp(value, out=value)
        value *= self.level  # the variance without its bound
        np.multiply(value, w.over_bound, out=spare)
        spare *= spare
        spare += 1
        np.sqrt(spare, out=spare)
        value /= spare
        np.sqrt(value, out=value)

    def _blended(self, laws: Float32Array) -> Float32Array:
        """Return the innovations of the next day, of which some are of wild days' law."""
        if self.weights.laws == 1:
            return np.asarray(laws[0])
        laws[1] *= self.share
        laws[1] += laws[0]
        return np.asarray(laws[1])

    def _factor_in(self) -> None:
        """Multiply σ in `value` by e^(g + χ), and keep how far its logarithm draws g down."""
        w, value, spare, down = self.weights, self.value, self.spare, self.down
        down -= w.log_high
        np.maximum(down, 0, out=down)
        down *= w.pull
        np.sum(self.logs, axis=1, keepdims=True, out=spare)
        np.exp(spare, out=spare)
        value *= spare

    def _move_factor(self, moves: Float32Array) -> None:
        """Finish the step of the factor, whose memory has decayed, by moves u (R, 1, 512)."""
        self.factor -= self.down
        np.multiply(self.weights.move, moves, out=self.spare)
        self.factor -= self.spare

    def _arrange_ranges(self, places: Float32Array) -> Float32Array:
        """Put the ranges of the returns in `value` among the news. Return the shapes (R, 512, 3).

        They come from the lending days' places (R, 512).
        """
        lent, value = self.weights.lent, self.value[:, 0]
        days = lending(lent.days, places, self.share[:, 0])  # (R, 512, 4)
        sizes = lent.sizes(self.held, self.logs)
        shapes = scaled_shapes(value, self.spread[:, 0], sizes, days)
        np.multiply(range_variance(value, shapes), lent.over_mean, out=self.arriving[:, 2])
        return shapes

    def _remember(self, *moves: Float32Array) -> None:
        """Update the memories by the returns in `value`, as `simgan.market.memory.Memory.next`.

        The moves u (R, 1, 512) are those of a factor.
        """
        w, value, most = self.weights, self.value, self.spare
        square, signed = self.arriving[:, :1], self.arriving[:, -1:]
        np.multiply(value, value, out=square)
        np.less(value, 0, out=self.has_fallen)
        for kind, slow in enumerate(self.slow):
            news, fallen = (self.arriving[:, 2 * kind + i : 2 * kind + i + 1] for i in range(2))
            np.sum(slow, axis=1, keepdims=True, out=most)
            most *= w.guard
            np.minimum(news, most, out=news)
            np.multiply(news, self.has_fallen, out=fallen)
            fallen *= 2
        np.sqrt(square, out=signed)
        np.copysign(signed, value, out=signed)
        self.state *= w.decay
        np.matmul(w.arrival, self.arriving, out=self.update)
        self.state += self.update
        for of_factor in moves:
            self._move_factor(of_factor)


def _parts(count: int, size: int) -> Iterator[slice]:
    """Yield slices of `size` up to `count`. The last may be shorter."""
    return (slice(first, min(first + size, count)) for first in range(0, count, size))


def _columns_of_noise(noise: Float32Array, replicas: int) -> Iterator[Float32Array]:
    """Yield each kind of noise (steps, paths, latent) as (R, steps, 512)."""
    return (_columns(noise[:, :, kind].T, replicas) for kind in range(noise.shape[2]))


def _columns(rows: Float32Array, replicas: int) -> Float32Array:
    """Return rows (paths, width) as (R, width, 512).

    Path i is column i // R of replica i mod R. Copies of the last row fill the rest.
    """
    filled = np.empty((COLUMNS * replicas, rows.shape[1]), np.float32)
    filled[: len(rows)], filled[len(rows) :] = rows, rows[-1]
    return np.ascontiguousarray(filled.reshape(COLUMNS, replicas, -1).transpose(1, 2, 0))


def _rows(columns: Float32Array, rows: slice) -> Float32Array:
    """Return (R, width, 512, …) as the first rows (paths, width, …), as before `_columns`."""
    first = np.moveaxis(columns, 2, 0)  # (512, R, width, …)
    return first.reshape(-1, *first.shape[2:])[: rows.stop - rows.start]


def _f32(values: ArrayLike) -> Float32Array:
    return np.ascontiguousarray(values, np.float32)
