"""Validation: the last part of the history scores the averaged generator by CRPS and chooses the number of steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf
from scipy.stats import norm

from simgan.arrays import Float32Array, FloatArray
from simgan.gan.architectures.state_space import StateSpaceGenerator
from simgan.gan.series import TrainingSeries
from simgan.risk.scores import crps

DRAWS = 256


@dataclass(frozen=True)
class Candidate:
    """A number of adversarial steps, the CRPS of the averaged generator on each validation day, in scaled returns, and its weights."""

    step: int
    scores: FloatArray  # (validation days,)
    weights: Mapping[str, Float32Array] = field(default_factory=dict)

    @property
    def score(self) -> float:
        return float(self.scores.mean())


class Validation:
    """Scores the law of the mixture at evenly spaced probabilities of each replica: no noise comes between two candidates."""

    def __init__(self, generator: StateSpaceGenerator, series: TrainingSeries) -> None:
        self._generator = generator
        self._realized = series.scaled[series.validation].astype(np.float64)
        self._memories = generator.of_history(tf.constant(series.memories[series.validation]))
        replicas = generator.blueprint.replicas
        scores = norm.ppf((np.arange(DRAWS // replicas) + 0.5) / (DRAWS // replicas)).astype(np.float32)
        self._scores = tf.tile(tf.constant(scores)[None], (replicas, 1))

    def candidate(self, step: int) -> Candidate:
        """Score the weights that the generator holds now."""
        location = self._generator.location(self._memories)[..., None]
        law = location + self._generator.spread(self._memories)[..., None] * self._generator.innovation(self._scores)[:, None]
        draws = np.concatenate(law.numpy().astype(np.float64), axis=1)  # (days, DRAWS)
        return Candidate(step, crps(draws, self._realized), self._generator.values())


def choose(candidates: Sequence[Candidate]) -> Candidate:
    """Return the last candidate whose CRPS is within one standard error of the best one's.

    The standard error is that of the mean daily difference to the best candidate: what the critic taught about longer horizons is kept
    as long as the one-day forecasts are not measurably worse (the one-standard-error rule, Breiman et al. 1984, section 3.4.3).
    """
    best = min(candidates, key=lambda c: c.score)

    def is_tied(candidate: Candidate) -> bool:
        difference = candidate.scores - best.scores
        return bool(difference.mean() <= difference.std() / np.sqrt(len(difference)))

    return [c for c in candidates if is_tied(c)][-1]
