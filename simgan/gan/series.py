"""The data and the steps of a training: the scaled history, its split, a lesson, and a phase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from simgan.arrays import Float32Array, FloatArray
from simgan.bundle.priors import Prior
from simgan.market.scalings import SCALINGS, Scaling
from simgan.market.scalings.standard import Standard
from simgan.market.shapes import range_variance
from simgan.recipe.blueprints import Blueprint
from simgan.recipe.tensors import Tensor
from simgan.recipe.training import TrainingSettings
from simgan.seeds import Seed

_SETTLED = 20  # days until the fast part of the memory has forgotten its start


@dataclass(frozen=True)
class TrainingSeries:
    """A history that is ready to be trained on.

    Attributes
    ----------
    scaled : array of shape (days, assets)
        Scaled returns.
    scaling : Scaling
        The map between log returns and scaled returns.
    blueprint : Blueprint
    settings : TrainingSettings
    regimes : array of shape (days + 1, regimes)
        One-hot labels. A day without a label has zeros.
    ranges, shapes : arrays of shape (days, assets) and (days, assets, 3), optional
        Scaled range variances and shapes of the days, where the blueprint has ranges. A day that
        shows none has its square as range, and NaN as shape.
    prior : Prior, optional
        A fit to other series, on which the training leans.
    """

    scaled: Float32Array
    scaling: Scaling
    blueprint: Blueprint
    settings: TrainingSettings
    regimes: Float32Array
    ranges: Float32Array | None = None
    shapes: Float32Array | None = None
    prior: Prior | None = None

    @classmethod
    def of(
        cls,
        log_returns: FloatArray,
        blueprint: Blueprint,
        settings: TrainingSettings,
        regimes: FloatArray | None = None,
        shapes: FloatArray | None = None,
    ) -> TrainingSeries:
        """Scale log returns (days, assets) and shapes (days, assets, 3) for the architecture.

        Raises
        ------
        ConfigError
            The architecture cannot generate so many assets.
        """
        blueprint.expect_assets(log_returns.shape[1])
        scaling = SCALINGS.load(blueprint.scaling).fit(log_returns)
        scaled = scaling.apply(log_returns).astype(np.float32)
        labels = np.zeros((len(scaled) + 1, 0)) if regimes is None else regimes
        series = cls(scaled, scaling, blueprint, settings, labels.astype(np.float32))
        return series if shapes is None else series._with_shapes(log_returns, shapes)

    def _with_shapes(self, log_returns: FloatArray, shapes: FloatArray) -> TrainingSeries:
        assert isinstance(self.scaling, Standard)
        ranges = range_variance(log_returns, shapes)
        scaling = self.scaling.with_ranges(log_returns, ranges)
        scaled = scaling.scaled_ranges(log_returns, ranges).astype(np.float32)
        unit = np.reshape(scaling.scale, (-1, 1))  # (assets, 1)
        return replace(
            self, scaling=scaling, ranges=scaled, shapes=(shapes / unit).astype(np.float32)
        )

    @property
    def assets(self) -> int:
        """Number of assets."""
        return self.scaled.shape[1]

    @cached_property
    def memories(self) -> Float32Array:
        """Memories as far as they depend on no weight, shape (days + 1, assets, W).

        They stand before each day and after the last.
        """
        return self.blueprint.along(self.scaled, self.ranges)

    @property
    def range_mean(self) -> Float32Array:
        """Mean range variance (1,) of all assets, in units of the mean squared return."""
        assert isinstance(self.scaling, Standard)
        return np.mean(self.scaling.ranges, keepdims=True).astype(np.float32)

    @property
    def training_days(self) -> int:
        """Number of first days that the selection run learns from."""
        return self.settings.days_of_selection(len(self.scaled))

    @property
    def validation(self) -> slice:
        """The days that choose the number of steps."""
        return slice(self.training_days, len(self.scaled))

    @property
    def first_day(self) -> int:
        """First day whose memory is settled."""
        return _SETTLED

    def starts_within(self, days: int) -> int:
        """Number of windows of `past` and `ahead` days within the first `days` days."""
        return days - self.settings.past - self.settings.ahead + 1

    @cached_property
    def windows(self) -> Float32Array:
        """Real windows, shape (starts, past + ahead, assets)."""
        length = self.settings.past + self.settings.ahead
        return np.lib.stride_tricks.sliding_window_view(self.scaled, length, 0).swapaxes(1, 2)


@dataclass(frozen=True)
class Lesson:
    """The material of one stage of a training.

    Attributes
    ----------
    series : TrainingSeries
    days : int
        The stage learns from this many first days of the series and from no others.
    seed : Seed
        Seed of the training.
    number : int
        Number of the stage. The noise of each stage has its own address.
    start : mapping of arrays
        Weights of the generator at the start of the training.
    """

    series: TrainingSeries
    days: int
    seed: Seed
    number: int
    start: Mapping[str, Float32Array]


class Phase(Protocol):
    """A kind of training step."""

    name: str

    @property
    def steps(self) -> int:
        """Largest number of steps that the settings allow."""
        ...

    def begin(self, lesson: Lesson) -> None:
        """Start afresh on the days of the lesson."""
        ...

    def variables(self) -> Sequence[Tensor]:
        """Return all variables that a step changes, in a fixed order."""
        ...

    def step(self, number: int) -> Mapping[str, float]:
        """Take a step and return its metrics by name."""
        ...

    def finish(self) -> None:
        """Put the result into the generator."""
        ...
