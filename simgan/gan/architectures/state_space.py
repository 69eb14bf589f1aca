"""The state-space generator as a Keras model. Its formulas stand with its blueprint."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from scipy.stats import norm

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray
from simgan.gan.architectures import Generator, ReplicaMoments, VolatilityMemory, rows, stacked
from simgan.gan.innovations import Innovations, estimate
from simgan.gan.series import Phase, TrainingSeries
from simgan.gan.warm_start import WarmStart
from simgan.recipe.blueprints.state_space import KNOTS, RATIO_FLOOR, StateSpace
from simgan.recipe.tensors import Tensor
from simgan.recipe.training import TrainingSettings
from simgan.risk.scores import quantile_crps
from simgan.seeds import Seed

_TOP = 1.5547736  # Φ⁻¹(94 %): the outermost knot of a fresh generator


class StateSpaceGenerator(Generator):
    """G(z, memory) → the next scaled return of each replica, day after day."""

    plausible = (0.2, 5.0)

    def __init__(self, blueprint: StateSpace, seed: Seed) -> None:
        super().__init__(blueprint, seed)
        self._volatility = VolatilityMemory(blueprint.memory)

    def levels(self, memory: Tensor, scaled: Tensor) -> Tensor:
        return self._volatility.levels(memory, scaled)

    def start_value(self, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        """A multi-scale GJR recursion, normal innovations and a nearly silent neural part."""
        return _start_value(name, shape, rng)

    def call(self, inputs: tuple[Tensor, Tensor]) -> Tensor:
        """Return the next scaled returns (R, paths) of one asset.

        The inputs are a memory (R, paths, W) and normal scores (R, paths).
        """
        memory, normal = inputs
        return self._location(memory) + self._spread(memory) * self.innovation(normal)

    def location(self, memory: Tensor) -> Tensor:
        """Return μ + Σ φ m / c (R, paths, assets) after memories (R, paths, assets, W)."""
        return tf.reshape(self._location(rows(memory)), memory.shape[:3])

    def trend(self, memory: Tensor) -> Tensor:
        """Return Σ φ m / c (R, paths, assets) after memories (R, paths, assets, W)."""
        return tf.reshape(self._trend(rows(memory)), memory.shape[:3])

    def spread(self, memory: Tensor) -> Tensor:
        """Return σ (R, paths, assets) after memories (R, paths, assets, W)."""
        return tf.reshape(self._spread(rows(memory)), memory.shape[:3])

    def _location(self, memory: Tensor) -> Tensor:
        """Return μ + Σ φ m / c (R, n) after memories (R, n, W)."""
        return self.table["drift"][:, None] + self._trend(memory)

    def _trend(self, memory: Tensor) -> Tensor:
        return tf.einsum("rpj,rj->rp", self._volatility.trends(memory), self.table["trend"])

    def _spread(self, memory: Tensor) -> Tensor:
        """Return σ (R, n) after memories (R, n, W)."""
        w = self.table
        shares, memory = tf.nn.softmax(w["mix"]), self._volatility.squares(memory)
        variance = shares[:, :1] * w["long_run"][:, None] + tf.einsum(
            "rpk,rk->rp", memory, shares[:, 1:]
        )
        level = variance[..., None]
        ratios = 0.5 * tf.math.log((memory + RATIO_FLOOR * level) / level)  # (R, n, 2K)
        hidden = tf.nn.leaky_relu(
            ratios @ w["volatility_in"] + w["volatility_in_bias"][:, None], 0.2
        )
        turn = (
            tf.einsum("rph,rh->rp", hidden, w["volatility_out"]) + w["volatility_out_bias"][:, None]
        )
        wild = variance * tf.exp(
            2.0 * (w["log_scale"][:, None] + self.blueprint.correction * tf.tanh(turn))
        )
        return soft_minimum(wild, self.blueprint.ceiling * w["long_run"][:, None])

    def innovation(self, normal: Tensor) -> Tensor:
        """Return Q(z) for normal scores (R, n)."""
        knots, body, tails = (self.table[name] for name in ("knots", "body", "tails"))
        top = knots[-1]
        place = (tf.clip_by_value(normal, -top, top) + top) / (knots[1] - knots[0])
        left = tf.clip_by_value(tf.cast(place, tf.int32), 0, KNOTS - 2)
        here = tf.gather(body, left, batch_dims=1)
        inside = here + (place - tf.cast(left, tf.float32)) * (
            tf.gather(body, left + 1, batch_dims=1) - here
        )
        below, above = (
            _excess(tails[:, side], sign * normal, top) for side, sign in ((0, -1.0), (1, 1.0))
        )
        return inside + above - below

    def roll(self, memory: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        steps, replicas, _, _ = noise.shape
        shape, assets = memory.shape, memory.shape[2]
        memory = rows(memory)
        n = memory.shape[1]  # paths of all assets
        scores = tf.reshape(noise, (steps, replicas, n))
        scores = tf.reshape(tf.transpose(scores, (1, 0, 2)), (replicas, steps * n))
        news = tf.transpose(tf.reshape(self.innovation(scores), (replicas, steps, n)), (1, 0, 2))
        out = tf.TensorArray(tf.float32, steps, element_shape=(replicas, n))

        def body(t: Tensor, memory: Tensor, out: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            scaled = self._location(memory) + self._spread(memory) * news[t]
            return t + 1, self._volatility.next(memory, scaled), out.write(t, scaled)

        _, memory, out = tf.while_loop(
            lambda t, *_: t < steps, body, (0, memory, out), maximum_iterations=steps
        )
        return stacked(out.stack(), assets), tf.reshape(memory, shape)

    def tomorrow(self, memories: Tensor, count: int) -> Tensor:
        """Return the law of each day at evenly spaced probabilities.

        So no noise disturbs the comparison of two generators.
        """
        scores = norm.ppf((np.arange(count) + 0.5) / count).astype(np.float32)
        law = self.innovation(tf.tile(tf.constant(scores)[None], (self.replicas, 1)))
        law = law[:, None, :, None]  # (R, 1, count, 1)
        return self.location(memories)[:, :, None] + self.spread(memories)[:, :, None] * law

    @staticmethod
    def law_score(drawn: AnyFloatArray, realized: AnyFloatArray) -> FloatArray:
        """Return the CRPS of laws that `tomorrow` gives by their quantiles."""
        return quantile_crps(drawn, realized)

    def warm_start(self, settings: TrainingSettings) -> Phase:
        return WarmStart(self, settings)

    def estimate(self, series: TrainingSeries, days: int) -> Innovations:
        """Estimate the innovations from the residuals of the first days, of all assets together."""
        picked = slice(series.first_day, days)
        memories = self.of_history(tf.constant(series.memories[picked]))
        location, spread = (
            part(memories).numpy().astype(np.float64) for part in (self.location, self.spread)
        )  # (R, days, assets)
        residuals = ((series.scaled[picked] - location) / spread).reshape(self.replicas, -1)
        found = estimate(residuals, series.settings.tail_share)
        self.assign(found.weights())
        return found

    def correct(
        self, found: ReplicaMoments, wanted: ReplicaMoments, pool: Float32Array
    ) -> Float32Array:
        """Divide the long-run variance v by the found one. The law scales with v exactly."""
        ratio = (found.variance / wanted.variance).mean(axis=1)
        self.refuse_implausible(ratio)
        moved = (wanted.mean - found.mean).mean(axis=1)
        self.table["long_run"].assign(self.table["long_run"] / ratio.astype(np.float32))
        self.table["drift"].assign_add(moved.astype(np.float32))
        rescaled: Float32Array = self.blueprint.memory.rescaled(
            pool, 1 / ratio[:, None, None, None]
        )  # the same law, so the run continues
        return rescaled


def soft_minimum(variance: Tensor, bound: Tensor) -> Tensor:
    """Return a standard deviation that is bounded by that of `bound`.

    It follows the variance while that is small.
    """
    return tf.sqrt(variance / tf.sqrt(1.0 + (variance / bound) ** 2))


def _excess(tail: Tensor, score: Tensor, top: Tensor) -> Tensor:
    """Return the excess over the outermost knot (R, n) in generalised Pareto tails (R, 2)."""
    beyond = tf.maximum(score, top)
    exponential = _log_survival(top) - _log_survival(beyond)
    shape, scale = tail[:, :1], tail[:, 1:]
    return scale * tf.math.expm1(shape * exponential) / shape


def _log_survival(score: Tensor) -> Tensor:
    return tf.math.log(0.5 * tf.math.erfc(score * np.float32(np.sqrt(0.5))))


def _start_value(name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Float32Array:
    knots = np.linspace(-_TOP, _TOP, KNOTS)
    if name == "mix":
        count = (shape[1] - 1) // 2
        centre = np.exp(-0.5 * ((np.arange(count) - 0.4 * count) / (0.25 * count)) ** 2)
        shares = np.concatenate(
            [[0.05], 0.75 * centre / centre.sum(), 0.2 * np.linspace(1, 0.2, count) / (0.6 * count)]
        )
        return np.tile(np.log(shares), (shape[0], 1)).astype(np.float32)
    if name in ("knots", "body"):
        return np.broadcast_to(knots, shape).astype(np.float32)
    if name == "tails":  # about those of the normal law beyond the outermost knot
        return np.broadcast_to([0.01, 0.42], shape).astype(np.float32)
    if name == "long_run":
        return np.ones(shape, np.float32)
    if name in ("volatility_in", "volatility_out"):
        fans = shape[-2] + shape[-1] if len(shape) == 3 else shape[-1] + 1
        gain = 1.0 if len(shape) == 3 else 0.1
        return np.asarray(
            gain * np.sqrt(2.0 / fans) * rng.standard_normal(shape), np.float32
        )  # Glorot & Bengio (2010)
    return np.zeros(shape, np.float32)
