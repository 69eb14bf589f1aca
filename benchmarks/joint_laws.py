"""Laws of the joint scores of several assets, which `joint_critic.py` compares.

All of them share the correlations that move. They differ in the news of a day, which have no
correlation. The map that gives each asset normal scores follows from a law, in the same way for
all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf
from joint_history import along_history, scores_of
from numpy.typing import NDArray
from scipy.special import gammaln, ndtr, ndtri
from scipy.stats import t as student

from simgan.arrays import AnyFloatArray, Float32Array, FloatArray
from simgan.bundle.store import Bundle
from simgan.sampling.joint_law import JointLaw
from simgan.seeds import Seed
from simgan.stats.co_movement import FIRST_DAYS, CoMemory, correlated, decorrelated, states
from simgan.stats.joint_scores import PLACES, block_size, learned

RECENT = 0.5 ** (1 / np.array([5.0, 20.0]))  # decays of recent squares
STRETCH = 60  # days, a block of the joint law
OF_MARGINS, FEWEST = 250_000, 20  # draws, and those beyond which the map rises by 1
STEPS, BATCH, COPIES, WIDTH, RATE, EVERY = 500, 512, 16, 32, 1e-3, 50  # of a training

Step = Callable[[Float32Array], AnyFloatArray]
"""News (paths, N) of the next day by the recent squares (paths, 2)."""


class Law(Protocol):
    """A law of news."""

    def begin(self, steps: int, paths: int, rng: np.random.Generator) -> Step:
        """Return the first of the steps of some paths."""


@dataclass(frozen=True, eq=False)
class Book:
    """Scores (days, N) of a book, and the joint law of their first half."""

    scores: FloatArray
    law: JointLaw
    weights: dict[str, Float32Array]

    @property
    def half(self) -> int:
        """Number of days that are known."""
        return len(self.scores) // 2

    @property
    def memory(self) -> CoMemory:
        return self.law.memory

    @cached_property
    def memories(self) -> Float32Array:
        """Memory (days, N, V) before each day."""
        found = [self.memory.packed(each) for each in states(self.memory, self.scores)]
        return np.asarray(found, np.float32)

    @cached_property
    def recent(self) -> Float32Array:
        """Averages (days, 2) of recent squares before each day."""
        found = np.ones((len(self.scores) + 1, len(RECENT)), np.float32)
        for day, today in enumerate(self.scores):
            found[day + 1] = later(found[day], today)
        return found

    def drawn(
        self, law: Law, days: NDArray[np.intp], steps: int, rng: np.random.Generator
    ) -> FloatArray:
        """Return scores (steps, paths, N), without the map M, of paths that begin on days."""
        memory, mix = self.memory, self.weights["co_mix"]
        state, recent = memory.unpacked(self.memories[days]), self.recent[days]
        step, found = law.begin(steps, len(days), rng), []
        for _ in range(steps):
            news = np.asarray(step(recent), np.float32)
            today = correlated(memory.covariances(state, mix), news)
            memory.remember(state, today)
            recent = later(recent, today)
            found.append(today)
        return np.asarray(found, np.float64)

    def margins(self, law: Law) -> FloatArray:
        """Return the knots of the map that gives each asset normal scores on the known days."""
        rng = Seed(0).stream("joint-margins")
        days = np.arange(FIRST_DAYS, self.half)
        rounds = range(-(-OF_MARGINS // len(days)))
        drawn = np.concatenate([self.drawn(law, days, 1, rng)[0] for _ in rounds])
        return np.stack([_map_of(each) for each in drawn.T])


def _map_of(drawn: FloatArray) -> FloatArray:
    """Return the normal scores (MARGINS,) of draws at the places of the map, rising by 1 beyond."""
    below = np.searchsorted(np.sort(drawn), PLACES)
    known = (below >= FEWEST) & (below <= len(drawn) - FEWEST)
    inside = np.clip(PLACES, *PLACES[known][[0, -1]])
    scores = np.interp(inside, PLACES[known], ndtri(below[known] / len(drawn)))
    return np.asarray(scores + PLACES - inside)


def later(recent: AnyFloatArray, today: AnyFloatArray) -> AnyFloatArray:
    """Return averages (…, 2) of recent squares after the scores (…, N) of a day."""
    square = np.square(today).mean(axis=-1, keepdims=True)
    return np.asarray(RECENT * recent + (1 - RECENT) * square, np.float32)


def book_of(bundle: Bundle) -> Book:
    """Return the scores of a book, and the joint law of their first half."""
    blueprint, _, along = along_history(bundle)
    scores = scores_of(along)
    scores = scores[np.isfinite(scores).all(axis=1)]
    half_lives, weights = learned(scores[: len(scores) // 2])
    pairs, spreads = half_lives
    rows = len(weights["rows"])
    size = block_size(rows)
    of_half = replace(blueprint, rows=rows, block=size, pairs=pairs, spreads=spreads)
    return Book(scores, JointLaw(of_half, weights), weights)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of the history in blocks, which begin with each row by its share (n,)."""

    law: JointLaw
    shares: FloatArray

    def begin(self, steps: int, paths: int, rng: np.random.Generator) -> Step:
        ends = np.cumsum(self.shares)
        starts = np.searchsorted(ends / ends[-1], rng.random(paths), side="right")
        return self.begin_at(starts, steps, rng)

    def begin_at(self, starts: NDArray[np.intp], steps: int, rng: np.random.Generator) -> Step:
        """Return the first step of paths whose blocks begin with the rows ``starts`` (paths,)."""
        shape = (steps, len(starts))
        of_blocks = np.tile(ndtri((starts + 0.5) / len(self.shares)), (steps, 1))
        of_blocks = of_blocks.astype(np.float32)
        days = self.law.days(rng.standard_normal(shape, np.float32), of_blocks)
        of_means, noise = rng.standard_normal((2, *shape, self.law.memory.assets), np.float32)
        news = iter(self.law.news(days, of_blocks, of_means, noise))
        return lambda _: next(news)


@dataclass(frozen=True, eq=False)
class OnceEach:
    """As many paths as rows, whose blocks begin with one row after another."""

    rows: Rows

    def begin(self, steps: int, paths: int, rng: np.random.Generator) -> Step:
        return self.rows.begin_at(np.arange(paths), steps, rng)


@dataclass(frozen=True)
class StudentT:
    """Multivariate t of unit variance. Infinite degrees of freedom are the normal law."""

    assets: int
    freedom: float

    def begin(self, steps: int, paths: int, rng: np.random.Generator) -> Step:
        def step(_: Float32Array) -> FloatArray:
            news = rng.standard_normal((paths, self.assets))
            if not np.isfinite(self.freedom):
                return news
            squares = rng.chisquare(self.freedom, (paths, 1)) / (self.freedom - 2)
            return np.asarray(news / np.sqrt(squares))

        return step


def freedom_of(book: Book) -> float:
    """Return the degrees of freedom of the t copula of the highest likelihood of the first half."""
    known = np.arange(FIRST_DAYS, book.half)
    assets = book.scores.shape[1]
    state = book.memory.unpacked(book.memories[known].astype(np.float64))
    covariances = book.memory.covariances(state, book.weights["co_mix"])

    def likelihood(freedom: float) -> float:
        """Return the mean log density of a copula, but for log det R."""
        values, whole = student.ppf(ndtr(book.scores[known]), freedom), 0.5 * (freedom + assets)
        squares = np.square(decorrelated(covariances.copy(), values)).sum(axis=1)
        constant = gammaln(whole) - gammaln(freedom / 2) - 0.5 * assets * np.log(np.pi * freedom)
        joint = constant - whole * np.log1p(squares / freedom)
        return float(np.mean(joint - student.logpdf(values, freedom).sum(axis=1)))

    return max((float(each) for each in range(4, 41)), key=likelihood)


@dataclass(frozen=True, eq=False)
class Network:
    """A network of noise and recent squares. Its news are white on the known days."""

    model: keras.Model
    mean: FloatArray
    root: FloatArray
    gain: float  # in the energy score of the days that chose, by the training

    @classmethod
    def trained(cls, book: Book, seed: int) -> Network:
        """Train by the energy score of days. That of every fifth stretch chooses the step."""
        rows = book.weights["rows"]
        assets = rows.shape[1]
        recent = np.log(book.recent[book.half - len(rows) : book.half])
        is_held_out = np.arange(len(rows)) // STRETCH % 5 == 4
        keras.utils.set_random_seed(Seed(seed).integer("tensorflow"))
        model = _model(assets)
        rng = Seed(seed).stream("batches")
        optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, STEPS))

        @tf.function  # type: ignore[untyped-decorator]
        def train(now: tf.Tensor, real: tf.Tensor) -> None:
            with tf.GradientTape() as tape:
                noise = tf.random.normal((BATCH, COPIES, assets))
                loss = energy_loss(model, now, real, noise)
            variables = model.trainable_variables
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

        noise = rng.standard_normal((is_held_out.sum(), 4 * COPIES, assets), np.float32)
        judge = tf.function(
            lambda: energy_loss(model, recent[is_held_out], rows[is_held_out], noise)
        )
        known, tried = np.flatnonzero(~is_held_out), []
        for number in range(STEPS + 1):
            if number % EVERY == 0:
                tried.append((float(judge()), model.get_weights()))
            batch = rng.choice(known, BATCH)
            train(tf.constant(recent[batch]), tf.constant(rows[batch]))
        best, weights = min(tried[1:], key=lambda each: each[0])
        model.set_weights(weights)
        found = cls(model, np.zeros(assets), np.eye(assets), best / tried[0][0] - 1)
        now = np.tile(np.exp(recent), (-(-100_000 // len(recent)), 1))
        drawn = found.begin(1, len(now), rng)(now)
        root = np.asarray(np.linalg.cholesky(np.cov(drawn.T)), np.float64)
        return replace(found, mean=drawn.mean(axis=0), root=root)

    @cached_property
    def graph(self) -> tf.types.experimental.GenericFunction:
        """The network, compiled."""
        return tf.function(self.model, reduce_retracing=True)

    def begin(self, steps: int, paths: int, rng: np.random.Generator) -> Step:
        inverse, drawn_by = np.linalg.inv(self.root).T, self.graph

        def step(recent: Float32Array) -> FloatArray:
            noise = rng.standard_normal((paths, len(self.mean)), np.float32)
            drawn = drawn_by([noise, np.log(recent).astype(np.float32)]).numpy()
            return np.asarray((drawn - self.mean) @ inverse)

        return step


def _model(assets: int) -> keras.Model:
    """Return a network that is the noise itself before the training."""
    noise, recent = keras.Input((assets,)), keras.Input((len(RECENT),))
    hidden = keras.layers.Concatenate()([noise, recent])
    for _ in range(2):
        hidden = keras.layers.Dense(WIDTH, activation="gelu")(hidden)
    bent = keras.layers.Dense(assets, kernel_initializer="zeros")(hidden)
    spread = keras.layers.Dense(WIDTH, activation="gelu")(recent)
    size = keras.layers.Dense(1, activation="exponential", kernel_initializer="zeros")(spread)
    return keras.Model([noise, recent], keras.layers.Add()([bent, noise * size]))


def energy_loss(model: keras.Model, now: tf.Tensor, real: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
    """Return the mean energy score of rows (days, N), given log recent squares (days, 2).

    The noise has shape (days, copies, N).
    """
    days, copies, assets = noise.shape
    flat = tf.reshape(noise, (days * copies, assets))
    drawn = model([flat, tf.repeat(now, copies, axis=0)], training=True)
    drawn = tf.reshape(drawn, (days, copies, assets))
    near = tf.reduce_mean(_lengths(drawn - real[:, None]))
    apart = tf.reduce_mean(_lengths(drawn[:, None] - drawn[:, :, None])) * copies / (copies - 1)
    return near - 0.5 * apart


def _lengths(vectors: tf.Tensor) -> tf.Tensor:
    return tf.sqrt(tf.reduce_sum(tf.square(vectors), axis=-1) + 1e-8)
