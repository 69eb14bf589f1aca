"""Forecasts of a tail with a known law: Student-t days with volatility clusters."""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student

from simgan.risk.backtests.forecasts import TailForecasts
from simgan.risk.law import GRID, QuantileLaw
from simgan.seeds import Seed

FREEDOM = 5.0
UNIT = np.sqrt((FREEDOM - 2.0) / FREEDOM)  # makes the variance 1
STANDARD_QUANTILES = UNIT * student.ppf(np.clip(GRID, 2e-6, 1.0 - 2e-6), FREEDOM)


def student_shortfall(level: float, nu: float = FREEDOM) -> float:
    """ES of a Student-t law of variance 1 (McNeil, Frey & Embrechts 2015, section 2.3)."""
    z = student.ppf(level, nu)
    return float(
        np.sqrt((nu - 2.0) / nu) * student.pdf(z, nu) / (1.0 - level) * (nu + z**2) / (nu - 1.0)
    )


def right_forecasts(
    days: int, level: float, seed: int, horizon: int = 1, uniforms: np.ndarray | None = None
) -> TailForecasts:
    """GARCH(1,1)-t returns beside the forecasts of their own model;
    `uniforms` (days,) are the PITs that come, if given.
    """
    pit = Seed(seed).stream("validation", days).random(days) if uniforms is None else uniforms
    noise = UNIT * student.ppf(np.clip(pit, 1e-7, 1 - 1e-7), FREEDOM)
    sigma, variance = np.empty(days), 1e-4
    for day in range(days):
        sigma[day] = np.sqrt(variance)
        variance = 3e-6 + (0.08 * noise[day] ** 2 + 0.89) * variance
    law = QuantileLaw(GRID, (sigma[:, None] * STANDARD_QUANTILES).astype(np.float32))
    var, es = UNIT * student.ppf(level, FREEDOM), student_shortfall(level)
    return TailForecasts(sigma * noise, sigma * var, sigma * es, level, law, pit, horizon)


def with_hits(hits: np.ndarray, level: float) -> TailForecasts:
    """Constant forecasts, VaR 1 and ES 1.2, that are exceeded on the days (days,) of `hits`, by
    losses of 1.5.
    """
    days = hits.size
    law = QuantileLaw(np.array([0.0, 1.0 - level, 1.0]), np.tile([-1.4, -1.0, 1.0], (days, 1)))
    realized = np.where(hits, -1.5, 0.5)
    return TailForecasts(
        realized, np.ones(days), np.full(days, 1.2), level, law, np.where(hits, 0.0, 0.8)
    )
