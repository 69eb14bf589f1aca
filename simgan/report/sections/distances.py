"""Distances between whole distributions, of returns over several horizons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from simgan.arrays import FloatArray
from simgan.report.rows import Row, Section
from simgan.report.sections.base import Samples, SectionMaker
from simgan.stats.aggregation import sums
from simgan.stats.divergences import emd_in_sd, kl_histogram, kl_nearest_neighbour

HORIZONS = (1, 5, 20, 100)
_LEAST_SPANS = 10  # independent stretches of a horizon that the history must hold


@dataclass(frozen=True)
class Distances(SectionMaker):
    """Wasserstein distance and Kullback–Leibler divergence, by two estimators."""

    kind: ClassVar[str] = "distances"
    title: ClassVar[str] = "Distances between real and fake returns"

    def make(self, samples: Samples) -> Section:
        usable = [h for h in HORIZONS if len(samples.real) >= _LEAST_SPANS * h]
        rows: list[Row] = []
        for name, unit, statistic, blind in _ESTIMATORS:
            rows += [samples.distance(name, partial(statistic, steps=h), horizon=h, unit=unit, blind_to=blind) for h in usable]
        rows += [_neighbours(samples, h) for h in usable if h in (1, 20)]
        skipped = [f"{h} days: the history holds fewer than {_LEAST_SPANS} such stretches" for h in HORIZONS if h not in usable]
        return Section(self.kind, self.title, tuple(rows), tuple(skipped))


def histogram(real: FloatArray, fake: FloatArray, steps: int) -> float:
    """KL(real‖fake) of sums over `steps` days, on bins of equal real mass."""
    return kl_histogram(sums(real, steps).ravel(), sums(fake, steps).ravel()).value


def neighbours(real: FloatArray, fake: FloatArray, steps: int) -> float:
    """KL(real‖fake) of sums over `steps` days, from distances to nearest neighbours."""
    return kl_nearest_neighbour(sums(real, steps).ravel(), sums(fake, steps).ravel()).value


def _neighbours(samples: Samples, horizon: int) -> Row:
    """Shown beside the histogram's estimate; resampled days are neighbours at distance 0, so it has no bootstrap floor."""
    models = {name: neighbours(samples.real, paths, horizon) for name, paths in samples.fakes.items()}
    note = "shown, not judged: a second estimator beside the histogram; negative where a model copies days of the history"
    return Row(name="KL, nearest neighbours", models=models, horizon=horizon, unit="nats", blind_to=note, is_judged=False)


_ESTIMATORS = (
    ("EMD/σ", "σ", emd_in_sd, "blind to the far tail"),
    ("KL, histogram", "nats", histogram, "blind to what happens beyond the outermost bins, and so to the tails"),
)
