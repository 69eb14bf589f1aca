"""Validation: the last part of the history scores the averaged generator by CRPS and chooses the number of steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf

from simgan.arrays import Float32Array, FloatArray
from simgan.gan.architectures.base import Generator
from simgan.gan.series import TrainingSeries
from simgan.risk.scores import crps

DRAWS = 256


@dataclass(frozen=True)
class Candidate:
    """A number of adversarial steps, the CRPS of the averaged generator on each validation day, in log returns, and its weights."""

    step: int
    scores: FloatArray  # (validation days,)
    weights: Mapping[str, Float32Array] = field(default_factory=dict)

    @property
    def score(self) -> float:
        return float(self.scores.mean())


class Validation:
    """Scores the law of the mixture by the same noise for every candidate."""

    def __init__(self, generator: Generator, series: TrainingSeries) -> None:
        self._generator, self._scaling, self._days = generator, series.scaling, series.validation
        self._realized = self._log_returns(series.scaled[series.validation])
        self._history = tf.constant(series.memories), tf.constant(series.scaled)

    def candidate(self, step: int) -> Candidate:
        """Score the weights that the generator holds now."""
        memories = self._generator.of_history(self._generator.along(*self._history)[self._days])
        law = self._generator.tomorrow(
            memories, DRAWS // self._generator.blueprint.replicas
        ).numpy()
        draws = np.concatenate(law, axis=1)  # (days, DRAWS)
        return Candidate(
            step, crps(self._log_returns(draws), self._realized), self._generator.values()
        )

    def _log_returns(self, scaled: Float32Array) -> FloatArray:
        return np.asarray(self._scaling.invert(scaled.astype(np.float64)[..., None])[..., 0])


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
