"""Validation: the last part of the history scores candidates by CRPS and chooses one."""

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
    """An averaged generator of the selection run.

    Attributes
    ----------
    step : int
        Number of adversarial steps.
    scores : array of shape (validation days,)
        CRPS of the forecasts in log returns, averaged over assets.
    weights : mapping of arrays
    """

    step: int
    scores: FloatArray
    weights: Mapping[str, Float32Array] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """Mean CRPS."""
        return float(self.scores.mean())


class Validation:
    """Scores of the mixture's one-day law, by the same noise for every candidate."""

    def __init__(self, generator: Generator, series: TrainingSeries) -> None:
        self._generator, self._scaling, self._days = generator, series.scaling, series.validation
        self._realized = self._log_returns(series.scaled[series.validation])
        self._history = tf.constant(series.memories), tf.constant(series.scaled)

    def candidate(self, step: int) -> Candidate:
        """Score the current weights of the generator."""
        memories = self._generator.of_history(self._generator.along(*self._history)[self._days])
        law = self._generator.tomorrow(memories, DRAWS // self._generator.replicas).numpy()
        draws = self._log_returns(np.concatenate(law, axis=1))  # (days, DRAWS, assets)
        by_asset = [
            crps(np.ascontiguousarray(forecasts), outcomes)
            for forecasts, outcomes in zip(np.moveaxis(draws, -1, 0), self._realized.T, strict=True)
        ]
        return Candidate(step, np.mean(by_asset, axis=0), self._generator.values())

    def _log_returns(self, scaled: Float32Array) -> FloatArray:
        return np.asarray(self._scaling.invert(scaled.astype(np.float64)))


def choose(candidates: Sequence[Candidate]) -> Candidate:
    """Return the last candidate whose CRPS is within one standard error of the best one's.

    The standard error is that of the mean daily difference to the best candidate. So the critic's
    lessons on longer horizons are kept as long as the one-day forecasts are not measurably worse
    (the one-standard-error rule, Breiman et al. 1984, section 3.4.3).
    """
    best = min(candidates, key=lambda candidate: candidate.score)

    def is_tied(candidate: Candidate) -> bool:
        difference = candidate.scores - best.scores
        return bool(difference.mean() <= difference.std() / np.sqrt(len(difference)))

    return [candidate for candidate in candidates if is_tied(candidate)][-1]
