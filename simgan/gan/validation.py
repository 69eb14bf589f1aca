"""Validation: the last part of the history scores the averaged generator by CRPS and chooses the number of steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from simgan.arrays import FloatArray
from simgan.gan.architectures.state_space import StateSpaceGenerator
from simgan.gan.series import TrainingSeries
from simgan.risk.scores import crps
from simgan.seeds import Seed

DRAWS = 256


@dataclass(frozen=True)
class Candidate:
    """A number of adversarial steps and the CRPS of the averaged generator on each validation day, in scaled returns."""

    step: int
    scores: FloatArray  # (validation days,)

    @property
    def score(self) -> float:
        return float(self.scores.mean())


class Validation:
    """Scores with the same noise at every step, so that differences between steps are not the noise's."""

    def __init__(self, generator: StateSpaceGenerator, series: TrainingSeries, seed: Seed) -> None:
        self._generator = generator
        self._realized = series.scaled[series.validation].astype(np.float64)
        self._memory = tf.constant(series.memories[series.validation])
        shape = (len(self._realized) * DRAWS, generator.blueprint.latent)
        self._latent = tf.constant(seed.stream("validation").standard_normal(shape, dtype=np.float32))

    def candidate(self, step: int) -> Candidate:
        """Score the weights that the generator holds now."""
        draws = self._draw().numpy().reshape(len(self._realized), DRAWS)
        return Candidate(step, crps(draws.astype(np.float64), self._realized))

    @tf.function(jit_compile=True)
    def _draw(self) -> Any:
        return self._generator((tf.repeat(self._memory, DRAWS, 0), self._latent))


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
