"""The state-space generator as a Keras model. Its formulas stand with its blueprint."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf
from scipy.stats import norm

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray
from simgan.gan.architectures import Generator, ReplicaMoments, VolatilityMemory, rows, stacked
from simgan.gan.innovations import Innovations, estimate, jumps_of
from simgan.gan.leaning import law_rules
from simgan.gan.lent_shapes import chosen, lending_days, lent_shapes, range_of
from simgan.gan.rare import excess, jumps
from simgan.gan.series import Phase, TrainingSeries
from simgan.gan.warm_start import WarmStart
from simgan.recipe.blueprints.state_space import KNOTS, RATIO_FLOOR, SIZES, StateSpace
from simgan.recipe.tensors import Tensor
from simgan.recipe.training import TrainingSettings
from simgan.risk.scores import quantile_crps
from simgan.seeds import Seed
from simgan.stats.moments import share_still

_NEAR = 0.01  # distance of a mean that does not matter to the variance, in standard deviations
_STEP = 0.012  # change of τ² where all of the variance is missing
_DAMPING = 0.7  # power of a change of the share of days that move
_LEAST_MOVING = 1e-3
_LARGEST = 0.7  # share of the variance that one step makes up
_OF_WEIGHT = 2.0  # change of log_scale for a change of 1 of τ²
_HIGH = 1.65  # h, in multiples of the typical spread
_MOST_FACTOR = 0.25  # largest τ
_TOP = 1.5547736  # Φ⁻¹(94 %): the outermost knot of a fresh generator


class StateSpaceGenerator(Generator):
    """G(z, memory) → the next scaled return of each replica, day after day."""

    plausible = (0.05, 20.0)

    def __init__(self, blueprint: StateSpace, seed: Seed) -> None:
        super().__init__(blueprint, seed)
        self._volatility = VolatilityMemory(blueprint.memory)
        self._end = blueprint.memory.width  # of the part of a memory that returns make
        self._decays = blueprint.log_decays.astype(np.float32)
        if blueprint.factors:
            decay = float(blueprint.log_decays[0])
            self._pull, self._renewed = (1 - decay) * blueprint.pull, float(np.sqrt(1 - decay**2))

    def levels(self, memory: Tensor, scaled: Tensor) -> Tensor:
        return self._volatility.levels(memory[..., : self._end], scaled)

    def start_value(self, name: str, shape: tuple[int, ...], rng: np.random.Generator) -> Tensor:
        """A multi-scale GJR recursion, normal innovations and a nearly silent neural part."""
        return _start_value(name, shape, rng, 1 + self.blueprint.ranges)

    def location(self, memory: Tensor) -> Tensor:
        """Return μ + Σ φ m / c (R, paths, assets) after memories (R, paths, assets, W)."""
        return tf.reshape(self._location(rows(memory)), memory.shape[:3])

    def trend(self, memory: Tensor) -> Tensor:
        """Return Σ φ m / c (R, paths, assets) after memories (R, paths, assets, W)."""
        return tf.reshape(self._trend(rows(memory)), memory.shape[:3])

    def spread(self, memory: Tensor) -> Tensor:
        """Return e^(g + χ) σ (R, paths, assets) after memories (R, paths, assets, W)."""
        memory, shape = rows(memory), memory.shape[:3]
        return tf.reshape(self._factored(memory, self._remembered(memory)), shape)

    def _location(self, memory: Tensor) -> Tensor:
        """Return μ + Σ φ m / c (R, n) after memories (R, n, W)."""
        return self.table["drift"][:, None] + self._trend(memory)

    def _trend(self, memory: Tensor) -> Tensor:
        trends = self._volatility.trends(memory[..., : self._end])
        return tf.einsum("rpj,rj->rp", trends, self.table["trend"])

    def _factored(self, memory: Tensor, remembered: Tensor) -> Tensor:
        """Return e^(g + χ) σ (R, n) after memories (R, n, W) that give σ."""
        logs = tf.reduce_sum(memory[..., self._end :], -1)  # 0 without a factor
        return tf.exp(logs) * remembered

    def _remembered(self, memory: Tensor) -> Tensor:
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

    def _sizes(self, memory: Tensor) -> Tensor:
        """Return the sizes e^(g + χ) m of shapes (R, n) after memories (R, n, W)."""
        mix, squares = self.table["shape_mix"], self._volatility.squares(memory)
        variance = mix[0] + tf.einsum("rpk,k->rp", squares, mix[1:])
        bound = self.blueprint.ceiling * tf.reduce_sum(mix)
        return self._factored(memory, soft_minimum(variance, bound))

    def _wildness(self, remembered: Tensor) -> Tensor:
        """Return the shares ω (R, n) of the law of wild days by spreads σ (R, n)."""
        if self.blueprint.laws == 1:
            return tf.zeros_like(remembered)
        between = tf.math.log(self.table["between"])[..., None]
        calm, wild = between[:, 0], between[:, 1]
        return tf.clip_by_value((tf.math.log(remembered) - calm) / (wild - calm), 0.0, 1.0)

    def innovation(self, normal: Tensor) -> Tensor:
        """Return Q(z) of each law, (laws, R, n), for normal scores (R, n)."""
        knots, body, tails = (self.table[name] for name in ("knots", "body", "tails"))
        top = knots[-1]
        place = (tf.clip_by_value(normal, -top, top) + top) / (knots[1] - knots[0])
        left = tf.clip_by_value(tf.cast(place, tf.int32), 0, KNOTS - 2)
        further = place - tf.cast(left, tf.float32)
        found = []
        for law in range(self.blueprint.laws):
            here = tf.gather(body[:, law], left, batch_dims=1)
            inside = here + further * (tf.gather(body[:, law], left + 1, batch_dims=1) - here)
            below, above = (
                excess(tails[:, law, side], sign * normal, top)
                for side, sign in ((0, -1.0), (1, 1.0))
            )
            found.append(inside + above - below)
        return tf.stack(found)

    def _jump(self, normal: Tensor) -> Tensor:
        """Return J(z) for normal scores (R, n)."""
        if not self.blueprint.jump:
            return tf.zeros_like(normal)
        return jumps(self.table["jumps"][1], normal) - jumps(self.table["jumps"][0], -normal)

    def _is_still(self, normal: Tensor, share: Tensor) -> Tensor:
        """Tell which scores (R, …) under shares ω that fit make no move."""
        if self.blueprint.still == 1:
            return tf.zeros_like(normal + share, tf.bool)
        rest = self.table["rest"][(..., *[None] * (len(normal.shape) - 1))]  # (R, laws, 2, 1, …)
        low, high = tf.unstack(blended(tf.unstack(rest, axis=1), share[:, None]), axis=1)
        return (normal > low) & (normal < high)

    def roll(self, memory: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        steps, replicas, _, _ = noise.shape
        shape, assets = memory.shape, memory.shape[2]
        memory = rows(memory)
        n = memory.shape[1]  # paths of all assets
        noise = tf.reshape(noise, (steps, replicas, n, self.blueprint.latent))
        scores, moves = noise[..., 0], noise[..., 1 : 1 + self.blueprint.factors]
        lent: tuple[Tensor, ...] = ()
        if self.blueprint.ranges:
            lent = lending_days(self.table["days"], scores, noise[..., -1])
        flat = tf.reshape(tf.transpose(scores, (1, 0, 2)), (replicas, steps * n))
        *laws, jumps = (
            tf.transpose(tf.reshape(part, (replicas, steps, n)), (1, 0, 2))
            for part in (*tf.unstack(self.innovation(flat)), self._jump(flat))
        )
        out = tf.TensorArray(tf.float32, steps, element_shape=(replicas, n))

        def body(t: Tensor, memory: Tensor, out: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            remembered = self._remembered(memory)
            share, spread = self._wildness(remembered), self._factored(memory, remembered)
            news = blended([law[t] for law in laws], share)
            drawn = self._location(memory) + spread * news
            scaled = tf.where(self._is_still(scores[t], share), 0.0, drawn + jumps[t])
            ranges = None
            if lent:
                days = chosen(lent[0][t], lent[1][t], share)
                ranges = range_of(scaled, spread, self._sizes(memory), days)
                ranges /= self.table["range_mean"]
            after = self._volatility.next(memory[..., : self._end], scaled, ranges)
            if self.blueprint.factors:
                after = tf.concat([after, self._next(memory, remembered, moves[t])], -1)
            return t + 1, after, out.write(t, scaled)

        _, memory, out = tf.while_loop(
            lambda t, *_: t < steps, body, (0, memory, out), maximum_iterations=steps
        )
        return stacked(out.stack(), assets), tf.reshape(memory, shape)

    def _next(self, memory: Tensor, remembered: Tensor, moves: Tensor) -> Tensor:
        """Return g and χ (R, n, logs) of the next day by spreads σ (R, n) and moves u (R, n, 1)."""
        excess = tf.nn.relu(tf.math.log(remembered / self.table["high"][:, None]))[..., None]
        move = self._renewed * self.table["factor"][:, None, None] * moves
        kept = self._decays * memory[..., self._end :]
        return tf.concat([kept[..., :1] - self._pull * excess - move, kept[..., 1:]], -1)

    def tomorrow(self, memories: Tensor, count: int) -> Tensor:
        """Return the law of each day at evenly spaced probabilities.

        So no noise disturbs the comparison of two generators.
        """
        scores, memory = self._even_scores(count), rows(memories)
        remembered = self._remembered(memory)
        location, spread, share = (
            tf.reshape(part, memories.shape[:3])[:, :, None]  # (R, days, 1, assets)
            for part in (
                self._location(memory),
                self._factored(memory, remembered),
                self._wildness(remembered),
            )
        )
        laws = tf.unstack(self.innovation(scores)[:, :, None, :, None])  # each (R, 1, count, 1)
        jumps, each = (part[:, None, :, None] for part in (self._jump(scores), scores))
        drawn = location + spread * blended(laws, share)
        return tf.where(self._is_still(each, share), 0.0, drawn + jumps)

    def _even_scores(self, count: int) -> Tensor:
        """Return normal scores (R, count) at evenly spaced probabilities."""
        scores = norm.ppf((np.arange(count) + 0.5) / count).astype(np.float32)
        return tf.tile(tf.constant(scores)[None], (self.replicas, 1))

    @staticmethod
    def law_score(drawn: AnyFloatArray, realized: AnyFloatArray) -> FloatArray:
        """Return the CRPS of laws that `tomorrow` gives by their quantiles."""
        return quantile_crps(drawn, realized)

    def warm_start(self, settings: TrainingSettings) -> Phase:
        return WarmStart(self, settings)

    def estimate(self, series: TrainingSeries, days: int) -> Innovations:
        """Estimate from the first days of all assets together.

        The residuals give the innovations, the geometric mean of the spread gives h, and the shares
        of falls and rises give l and u. Jumps wait until free runs are corrected.
        """
        picked = slice(series.first_day, days)
        memories = self.of_history(tf.constant(series.memories[picked]))
        location, spread = (
            part(memories).numpy().astype(np.float64) for part in (self.location, self.spread)
        )  # (R, days, assets)
        realized = series.scaled[picked]
        residuals, spread = (
            part.reshape(self.replicas, -1) for part in ((realized - location) / spread, spread)
        )
        rules = law_rules(series, self.blueprint)
        found = estimate(residuals, spread, realized.ravel(), rules)
        weights = found.weights()
        self.assign({name: weights[name] for name in weights if name in self.table})
        if self.blueprint.jump:
            self.assign({"jumps": np.zeros((2, 1 + SIZES), np.float32)})
        if self.blueprint.still < 1:
            is_kept = share_still(realized) > self.blueprint.still
            self.assign({"rest": found.rest if is_kept else np.zeros_like(found.rest)})
        if self.blueprint.ranges:
            self.assign(lent_shapes(series, picked, spread, self.blueprint))
        if self.blueprint.factors:
            typical = np.exp(np.log(spread).mean(axis=1))
            self.assign({"high": (_HIGH * typical).astype(np.float32)})
        return found

    def _moves(self) -> FloatArray:
        """Return the shares of falls and rises (2, R, laws) that the bounds of still days leave."""
        low, high = np.moveaxis(self.table["rest"].numpy().astype(np.float64), -1, 0)
        return np.stack([norm.cdf(low), norm.sf(high)])

    def _share_that_moves(self) -> float:
        """Return the share of the days that have a move."""
        return 1.0 if self.blueprint.still == 1 else float(self._moves().sum(axis=0).mean())

    def _correct_rest(self, found: float, wanted: float) -> None:
        """Move the bounds of still days, where there are any, by their shares in free runs.

        Where calm days are still more often, still days make calm days, and free runs have another
        share than the history.
        """
        if self.blueprint.still == 1 or found == wanted:
            return
        rest, moves = self.table["rest"].numpy(), self._moves()
        has_still = np.diff(rest) > 0  # (R, laws, 1)
        change = ((1 - wanted) / max(1 - found, _LEAST_MOVING)) ** _DAMPING
        moves *= np.where(has_still[..., 0], change, 1.0)
        moves = np.maximum(moves / np.maximum(moves.sum(axis=0), 1.0), _LEAST_MOVING**2)
        bounds = np.stack([norm.ppf(moves[0]), norm.isf(moves[1])], axis=-1)
        self.table["rest"].assign(np.where(has_still, bounds, rest).astype(np.float32))

    def without_jumps(self, scaled: Float32Array, estimated: Innovations | None) -> Float32Array:
        """Return the days without a jump, of all assets together, each as the only asset."""
        assert estimated is not None
        if not estimated.is_jump.any():
            return scaled
        return np.asarray(estimated.returns_of(scaled)[~estimated.is_jump, None])

    def set_jumps(self, scaled: Float32Array, estimated: Innovations | None) -> None:
        """Set the jumps."""
        assert estimated is not None
        if self.blueprint.jump:
            self.assign({"jumps": jumps_of(estimated.returns_of(scaled), estimated.is_jump)})

    def correct(
        self, found: ReplicaMoments, wanted: ReplicaMoments, pool: Float32Array
    ) -> Float32Array:
        """Move the volatility of the factor until free runs have the sample's variance.

        Returns alone keep too little variance alive, because the guard bounds the effect of a day
        and the ceiling that of a crisis. The factor makes up for it. Forecasts of the next day stay
        the same. Where returns keep too much alive, the weight of the memory is lowered. The
        variance is corrected for all replicas together, the mean for each. The pool stays as it is.

        Raises
        ------
        TrainingDiverged
            The variance is far from the sample's.
        """
        self.refuse_implausible((found.variance / wanted.variance).mean(axis=1))
        self._correct_rest(found.still, wanted.still)
        moved = (wanted.mean - found.mean).mean(axis=1)
        self.table["drift"].assign_add((moved / self._share_that_moves()).astype(np.float32))
        if abs(moved.mean()) > _NEAR * np.sqrt(wanted.variance.mean()):
            return pool  # falls make volatility, so the mean comes first
        missing = 1.0 - float((found.variance / wanted.variance).mean())
        missing = _STEP * np.clip(missing, -_LARGEST, _LARGEST)
        if self.blueprint.factors:
            squared = float(self.table["factor"][0]) ** 2 + missing
            volatility = np.sqrt(np.clip(squared, 0.0, _MOST_FACTOR**2))
            self.table["factor"].assign(np.full(self.replicas, volatility, np.float32))
            missing = min(squared, 0.0)
        change = np.float32(_OF_WEIGHT * missing)
        self.table["log_scale"].assign_add(np.full(self.replicas, change))
        self.table["long_run"].assign(self.table["long_run"] * np.exp(-2 * change))
        return pool


def blended(laws: Sequence[Tensor], share: Tensor) -> Tensor:
    """Return the only law, or those of calm and of wild days blended by the share of the latter."""
    calm, *others = laws
    return calm + share * (others[0] - calm) if others else calm


def soft_minimum(variance: Tensor, bound: Tensor) -> Tensor:
    """Return a standard deviation that is bounded by that of `bound`.

    It follows the variance while that is small.
    """
    return tf.sqrt(variance / tf.sqrt(1.0 + (variance / bound) ** 2))


def _start_value(
    name: str, shape: tuple[int, ...], rng: np.random.Generator, kinds: int
) -> Float32Array:
    """Return a first value. The memory holds squares, and with two kinds ranges as well."""
    knots = np.linspace(-_TOP, _TOP, KNOTS)
    if name == "mix":
        count = (shape[1] - 1) // (2 * kinds)
        centre = np.exp(-0.5 * ((np.arange(count) - 0.4 * count) / (0.25 * count)) ** 2)
        every = [0.75 * centre / centre.sum(), 0.2 * np.linspace(1, 0.2, count) / (0.6 * count)]
        shares = np.concatenate([[0.05], *[part / kinds for part in every] * kinds])
        return np.tile(np.log(shares), (shape[0], 1)).astype(np.float32)
    if name in ("knots", "body"):
        return np.broadcast_to(knots, shape).astype(np.float32)
    if name == "tails":  # about those of the normal law beyond the outermost knot
        return np.broadcast_to([0.01, 0.42], shape).astype(np.float32)
    if name == "between":
        return np.broadcast_to([1.0, 2.0], shape).astype(np.float32)
    if name in ("long_run", "high"):
        return np.ones(shape, np.float32)
    if name in ("volatility_in", "volatility_out"):
        fans = shape[-2] + shape[-1] if len(shape) == 3 else shape[-1] + 1
        gain = 1.0 if len(shape) == 3 else 0.1
        return np.asarray(
            gain * np.sqrt(2.0 / fans) * rng.standard_normal(shape), np.float32
        )  # Glorot & Bengio (2010)
    return np.zeros(shape, np.float32)
