"""Dependence over time: clusters of volatility, and the leverage effect."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from simgan.report.rows import Row, Section
from simgan.report.sections.base import Samples, SectionMaker
from simgan.stats.dependence import TRANSFORMS, acf_score, autocorrelation, leverage, leverage_rms

MOST_LAGS = 250
_SINGLE_LAGS = (1, 20, 100)


@dataclass(frozen=True)
class Dependence(SectionMaker):
    """Autocorrelation of r, |r| and r², and the correlation of returns with later squares."""

    kind: ClassVar[str] = "dependence"
    title: ClassVar[str] = "Dependence over time"

    def make(self, samples: Samples) -> Section:
        lags = min(MOST_LAGS, len(samples.real) // 4)
        skipped = () if lags == MOST_LAGS else (f"lags beyond {lags}: the history has {len(samples.real)} days",)
        rows: list[Row] = [
            samples.distance(f"ACF of {name}, RMS over lags 1–{lags}", partial(acf_score, transform=transform, max_lag=lags))
            for name, transform in TRANSFORMS.items()
        ]
        rows += [samples.level(f"ACF of |r| at lag {lag}", partial(_lag, lag=lag)) for lag in _SINGLE_LAGS if lag <= lags]
        rows.append(samples.distance("leverage, RMS over lags 1–20", leverage_rms))
        rows.append(samples.level("leverage, sum over lags 1–20", lambda r: float(leverage(r[None], 20).sum())))
        return Section(self.kind, self.title, tuple(rows), skipped)


def _lag(returns: np.ndarray, lag: int) -> float:
    return float(autocorrelation(np.abs(returns)[None], lag)[-1])
