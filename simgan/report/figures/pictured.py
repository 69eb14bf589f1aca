"""The data behind the figures: the history, resamples of it, and each model's paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simgan.arrays import FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.report.figures.canvas import BAND, REAL, LegendEntry, Stroke, strokes
from simgan.seeds import Seed
from simgan.stats.intervals import block_length, stationary_resamples

RESAMPLES = 200
_OUTER = (0.025, 0.975)


@dataclass(frozen=True)
class Pictured:
    """A history and each model's paths.

    Attributes
    ----------
    real : array of shape (days,)
        Daily log returns.
    fakes : mapping of arrays of shape (paths, horizon)
        Log returns of each model, the judged one first.

    Raises
    ------
    ConfigError
        There is no model, a shape is wrong, or a number is not finite.
    """

    real: FloatArray
    fakes: Mapping[str, FloatArray]

    def __post_init__(self) -> None:
        if not self.fakes:
            raise ConfigError("Pictured", "fakes", "no model", "at least one")
        expect_shape(self.real, ("days",), "Pictured: real")
        expect_finite(self.real, "Pictured: real")
        for name, paths in self.fakes.items():
            expect_shape(paths, ("paths", "horizon"), f"Pictured: {name}")
            expect_finite(paths, f"Pictured: {name}")

    @property
    def judged(self) -> str:
        """Name of the judged model."""
        return next(iter(self.fakes))

    @property
    def strokes(self) -> dict[str, Stroke]:
        """How each model is drawn."""
        return strokes(self.fakes)

    @cached_property
    def resamples(self) -> FloatArray:
        """Stationary-bootstrap resamples (resamples, days), the same as behind the tables."""
        return stationary_resamples(
            self.real, RESAMPLES, Seed().stream("bootstrap"), block_length(self.real)
        )

    def band(self, curve: Callable[[FloatArray], FloatArray]) -> tuple[FloatArray, FloatArray]:
        """Lower and upper 95 % limits of a curve of one series, point by point."""
        low, high = np.quantile([curve(resample) for resample in self.resamples], _OUTER, axis=0)
        return low, high

    def band_around_real(
        self, curve: Callable[[FloatArray], FloatArray]
    ) -> tuple[FloatArray, FloatArray]:
        """Return the same band, moved so that its middle is the real curve.

        Block joints weaken long memory and would pull the band down.
        """
        curves = np.array([curve(resample) for resample in self.resamples])
        low, high = (
            np.quantile(curves, _OUTER, axis=0) - np.median(curves, axis=0) + curve(self.real)
        )
        return low, high

    def legend(self, *models: str) -> tuple[LegendEntry, ...]:
        """Entries for the history, its band and these models, or all."""
        named = self.strokes
        shown = [LegendEntry(model, named[model]) for model in models or self.fakes]
        return (LegendEntry("real", REAL), LegendEntry("95 % band of real", BAND), *shown)
