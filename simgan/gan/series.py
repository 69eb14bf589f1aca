"""The scaled history as training sees it: memory before every day, windows, and the split into training and validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simgan.arrays import Float32Array, FloatArray
from simgan.market.scalings import SCALINGS, Scaling
from simgan.recipe.blueprints import Blueprint
from simgan.recipe.training import TrainingSettings
from simgan.seeds import Seed

_SETTLED = 20  # days until the memory's start is forgotten by its fast part


@dataclass(frozen=True)
class TrainingSeries:
    """Scaled returns (days,), what undoes their scaling, the split that the settings ask for, and labels (days + 1, regimes)."""

    scaled: Float32Array
    scaling: Scaling
    blueprint: Blueprint
    settings: TrainingSettings
    regimes: Float32Array

    @classmethod
    def of(
        cls,
        log_returns: FloatArray,
        blueprint: Blueprint,
        settings: TrainingSettings,
        regimes: FloatArray | None = None,
    ) -> TrainingSeries:
        """Scale log returns (days, 1) as the architecture asks for; `regimes` are one-hot labels (days + 1, regimes)."""
        blueprint.expect_assets(log_returns.shape[1])
        scaling = SCALINGS.load(blueprint.scaling).fit(log_returns)
        scaled = scaling.apply(log_returns)[:, 0].astype(np.float32)
        labels = np.zeros((len(scaled) + 1, 0)) if regimes is None else regimes
        return cls(scaled, scaling, blueprint, settings, labels.astype(np.float32))

    @cached_property
    def memories(self) -> Float32Array:
        """Memory before each day and after the last, as far as it depends on no weight, shape (days + 1, W)."""
        return self.blueprint.along(self.scaled[:, None])[:, 0]

    @property
    def training_days(self) -> int:
        """Number of days at the beginning that the weights are fitted to."""
        return round(len(self.scaled) * (1 - self.settings.validation_share))

    @property
    def validation(self) -> slice:
        """Days that choose the step."""
        return slice(self.training_days, len(self.scaled))

    @property
    def first_day(self) -> int:
        """First day whose memory is settled."""
        return _SETTLED

    def starts_within(self, days: int) -> int:
        """How many windows of `past` and `ahead` days lie within the first `days` days."""
        return days - self.settings.past - self.settings.ahead + 1

    @cached_property
    def windows(self) -> Float32Array:
        """Real windows, shape (starts, past + ahead)."""
        length = self.settings.past + self.settings.ahead
        return np.lib.stride_tricks.sliding_window_view(self.scaled, length)


@dataclass(frozen=True)
class Lesson:
    """What one stage of a training learns from.

    Attributes
    ----------
    series : TrainingSeries
    days : int
        The first so many days of the series, and no others.
    seed : Seed
        Of the training.
    number : int
        Of the stage: the noise of each has an address of its own.
    start : mapping of arrays
        Weights of the generator that the training begins with.
    """

    series: TrainingSeries
    days: int
    seed: Seed
    number: int
    start: Mapping[str, Float32Array]
