"""The contract of a section, and the two kinds of rows that sections are made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.report.rows import Row, Section
from simgan.seeds import Seed
from simgan.stats.intervals import bootstrap_interval, noise_floor

RESAMPLES, FLOOR_RESAMPLES = 200, 60


@dataclass(frozen=True)
class Samples:
    """What is compared: the history (days,) and each model's paths (paths, days)."""

    real: FloatArray
    fakes: Mapping[str, FloatArray]
    seed: Seed

    def level(self, name: str, statistic: Callable[[FloatArray], float], *, scale: float = 1.0, **details: object) -> Row:
        """Compare a statistic of one series: the models' values are means over their paths."""
        interval = bootstrap_interval(statistic, self.real, self.seed, RESAMPLES)
        models = {model: scale * sum(map(statistic, paths)) / len(paths) for model, paths in self.fakes.items()}
        real = {"real": scale * interval.value, "low": scale * interval.low, "high": scale * interval.high}
        return Row(name=name, models=models, **real, **details)  # type: ignore[arg-type]

    def distance(self, name: str, statistic: Callable[[FloatArray, FloatArray], float], **details: object) -> Row:
        """Compare by a statistic of two samples, beside what it gives for real against real."""
        floor = noise_floor(statistic, self.real, self.seed, FLOOR_RESAMPLES)
        models = {model: statistic(self.real, paths) for model, paths in self.fakes.items()}
        return Row(name=name, models=models, floor=floor.high, **details)  # type: ignore[arg-type]


class SectionMaker(ABC):
    """Makes the rows of one section."""

    kind: ClassVar[str]
    title: ClassVar[str]

    @abstractmethod
    def make(self, samples: Samples) -> Section:
        """Compare; what the history is too short for is left out, with the reason."""
