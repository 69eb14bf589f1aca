"""Distances between whole distributions, of returns over several horizons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.samples import Samples
from simgan.report.sections import SectionMaker
from simgan.report.verdict import Row, Section
from simgan.stats.divergences import emd_in_sd, kl_histogram, kl_nearest_neighbour
from simgan.stats.moments import sums
from simgan.stats.parzen import parzen

HORIZONS = (1, 5, 20, 100)
MOST_BINS, _DAYS_PER_BIN = 50, 20
_LEAST_SPANS = 10  # independent stretches of a horizon that the history must hold
_PARTS = 3  # thirds of the days: one for the bandwidth, one for the score, one for the centres
_MOST_REPEATED = 0.05  # share of returns, from which on prices lie on a grid of ticks
_PARZEN = (1, 5)  # sums over 20 days that do not overlap are too few


@dataclass(frozen=True)
class Distances(SectionMaker):
    """Wasserstein distance, two estimates of the KL divergence, and Parzen windows."""

    kind: ClassVar[str] = "distances"
    title: ClassVar[str] = "Distances between real and generated returns"

    def make(self, samples: Samples) -> Section:
        days = len(samples.real)
        usable = [h for h in HORIZONS if days >= _LEAST_SPANS * h and samples.horizon >= h]
        bins = min(MOST_BINS, days // _DAYS_PER_BIN)
        rows = [
            *(
                samples.distance(
                    "EMD/σ",
                    partial(emd_in_sd, steps=h),
                    horizon=h,
                    blind_to="blind to the far tail",
                )
                for h in usable
            ),
            *(_histogram(samples, h, bins) for h in usable),
            *(_neighbours(samples, h) for h in usable if h in (1, 20)),
            *(_parzen(samples, h) for h in usable if h in _PARZEN),
        ]
        left = ", ".join(str(h) for h in HORIZONS if h not in usable)
        reason = (
            f"paths of {samples.horizon} days are shorter, or {days} days of history hold fewer "
            f"than {_LEAST_SPANS} such stretches"
        )
        skipped = (f"horizons of {left} days: {reason}",) if left else ()
        return Section(self.kind, self.title, tuple(rows), skipped)


def histogram(real: FloatArray, fake: FloatArray, steps: int, bins: int) -> float:
    """KL(real‖fake) of sums over `steps` days, on bins of equal real mass."""
    return kl_histogram(sums(real, steps).ravel(), sums(fake, steps).ravel(), bins).value


def neighbours(real: FloatArray, fake: FloatArray, steps: int) -> float:
    """KL(real‖fake) of sums over `steps` days, from distances to nearest neighbours."""
    return kl_nearest_neighbour(sums(real, steps).ravel(), sums(fake, steps).ravel()).value


def _histogram(samples: Samples, horizon: int, bins: int) -> Row:
    note = (
        f"{bins} bins of equal real mass; blind to what happens inside the two outermost, and so "
        "to the tails"
    )
    statistic = partial(histogram, steps=horizon, bins=bins)
    return samples.distance("KL, histogram", statistic, horizon=horizon, unit="nats", blind_to=note)


def _neighbours(samples: Samples, horizon: int) -> Row:
    """Show a second estimate beside that of the histogram.

    Resampled days are neighbours at distance 0, so it has no bootstrap floor.
    """
    models = {
        name: neighbours(samples.real, paths, horizon) for name, paths in samples.fakes.items()
    }
    repeated = 1.0 - len(np.unique(samples.real)) / len(samples.real)
    reason = (
        f"returns lie on a grid, {100 * repeated:.0f} % repeat another one, and equal values have "
        "no distance; "
        if repeated > _MOST_REPEATED
        else ""
    )
    note = (
        f"shown, not judged: {reason}a second estimator (5 neighbours) beside the histogram; "
        "negative where a model copies days of the history"
    )
    return Row(
        name="KL, nearest neighbours",
        models=models,
        horizon=horizon,
        unit="nats",
        blind_to=note,
        is_judged=False,
    )


def _parzen(samples: Samples, horizon: int) -> Row:
    """Show the log-likelihood of every third day of the history under a model's days.

    Beside it stands the log-likelihood under the days between, as many as a model gives.

    The
    interval is that of the mean over the scored days, taken as independent, as in the paper. It
    leaves out the noise of the centres.
    It is the weakest of these distances. Over 40 histories of
    1,500 days of a GJR-GARCH-t law, the true law lay outside 0 times for days and twice for sums
    over 5. Normal days of the same spread lay outside 10 times and once.
    """
    real = sums(samples.real, horizon)[::horizon] / _scale(
        samples.real, horizon
    )  # overlapping sums would be near copies
    validation, test, centres = (real[part::_PARTS] for part in range(_PARTS))
    own = parzen(test, validation, centres)
    low, high = samples.widened(
        own.value - 1.96 * own.standard_error, own.value + 1.96 * own.standard_error
    )
    fakes = {
        name: sums(paths, horizon)[:, ::horizon] / _scale(samples.real, horizon)
        for name, paths in samples.fakes.items()
    }
    models = {
        name: parzen(test, validation, _spread(values, centres.size)).value
        for name, values in fakes.items()
    }
    return Row(
        name="Parzen log-likelihood",
        models=models,
        horizon=horizon,
        unit="nats",
        real=own.value,
        low=low,
        high=high,
        blind_to=(
            "shown, not judged: in σ of the history, higher is denser. Blind to a spread that is "
            "too small. A few extreme days weigh much, and copies of the history score too high"
        ),
        is_judged=False,
    )


def _scale(real: FloatArray, horizon: int) -> float:
    return float(sums(real, horizon).std(ddof=1))


def _spread(values: FloatArray, n: int) -> FloatArray:
    """About n values, at equal distances over all paths and days."""
    flat = values.ravel()
    return flat[np.linspace(0, flat.size - 1, min(n, flat.size)).astype(np.intp)]
