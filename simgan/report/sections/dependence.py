"""Dependence over time: clusters of volatility, and the leverage effect."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from simgan.arrays import FloatArray
from simgan.report.samples import DAYS_PER_LAG, MOST_LAGS, Samples, cut
from simgan.report.sections import SectionMaker
from simgan.report.verdict import Row, Section
from simgan.stats.dependence import (
    TRANSFORMS,
    Transform,
    acf_score,
    autocorrelation,
    leverage,
    leverage_rms,
)

LEVERAGE_LAGS = 20
_SINGLE_LAGS = (1, 20, 100)
_FEWEST_LAGS = 5


@dataclass(frozen=True)
class Dependence(SectionMaker):
    """Autocorrelation of r, |r| and r², and the correlation of returns with later squares."""

    kind: ClassVar[str] = "dependence"
    title: ClassVar[str] = "Dependence over time"

    def make(self, samples: Samples) -> Section:
        days = samples.horizon
        lags = min(MOST_LAGS, days // DAYS_PER_LAG)
        if lags >= _FEWEST_LAGS and is_still(samples):
            return Section(
                self.kind,
                self.title,
                (),
                (
                    (
                        f"dependence: {days} successive days of the history, or of its "
                        "resamples, do not vary"
                    ),
                ),
            )
        rows: list[Row] = []
        skipped: list[str] = []
        if lags >= _FEWEST_LAGS:
            rows += _autocorrelations(samples, lags)
        if lags < MOST_LAGS:
            beyond = f"lags beyond {lags}" if rows else "autocorrelations"
            skipped.append(
                f"{beyond}: {DAYS_PER_LAG} days for each lag are needed, and history or paths "
                f"have {days}"
            )
        if lags >= LEVERAGE_LAGS:
            rows += _leverage(samples)
        else:
            skipped.append(
                f"leverage: {DAYS_PER_LAG * LEVERAGE_LAGS} days are needed, and history or "
                f"paths have {days}"
            )
        return Section(self.kind, self.title, tuple(rows), tuple(skipped))


def is_still(samples: Samples) -> bool:
    """Tell whether a stretch of the history, or of its resamples, is constant."""
    size = np.abs(
        np.vstack([cut(samples.real, samples.horizon), cut(samples.resamples, samples.horizon)])
    )
    return bool((np.ptp(size, axis=1) == 0.0).any())


def _autocorrelations(samples: Samples, lags: int) -> list[Row]:
    scores = [
        samples.distance(
            f"ACF of {name}, RMS over lags 1–{lags}",
            partial(_acf, transform=transform, lags=lags, days=samples.horizon),
        )
        for name, transform in TRANSFORMS.items()
    ]
    single = [
        samples.memory_level(f"ACF of |r| at lag {lag}", partial(_lag, lag=lag))
        for lag in _SINGLE_LAGS
        if lag <= lags
    ]
    return [*scores, *single]


def _leverage(samples: Samples) -> list[Row]:
    name = f"over lags 1–{LEVERAGE_LAGS}"
    return [
        samples.distance(f"leverage, RMS {name}", partial(_leverage_rms, days=samples.horizon)),
        samples.location_level(
            f"leverage, sum {name}", lambda r: float(leverage(r, LEVERAGE_LAGS).sum())
        ),
    ]


def _acf(real: FloatArray, fake: FloatArray, transform: Transform, lags: int, days: int) -> float:
    return acf_score(cut(real, days), cut(fake, days), transform, lags)


def _leverage_rms(real: FloatArray, fake: FloatArray, days: int) -> float:
    return leverage_rms(cut(real, days), cut(fake, days), LEVERAGE_LAGS)


def _lag(returns: FloatArray, lag: int) -> float:
    return float(autocorrelation(np.abs(returns), lag)[-1])
