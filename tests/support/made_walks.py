"""Walks with a known law: normal days, whose volatility answers to the days before.

Each is forecast with the right volatility, or with that times a factor.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.stats import norm

from simgan.risk.law import GRID, QuantileLaw
from simgan.risk.portfolio import Portfolio
from simgan.risk.walks import Walk

LEVELS = (0.95, 0.975, 0.99)
QUANTILES = norm.ppf(np.clip(GRID, 2e-6, 1.0 - 2e-6))


def made_walk(
    model: str,
    factor: float = 1.0,
    days: int = 1000,
    asset: str = "SP500",
    horizon: int = 1,
    first: str = "2010-01-04",
    seed: int = 2,
) -> Walk:
    """Forecast with `factor` times the true volatility.

    Returns depend on the seed and never on the model.

    Over several days the volatility of the first is held, so that sums of independent normal days
    are forecast by their own law.
    """
    noise = np.random.default_rng(seed).standard_normal(days + horizon - 1)
    sigma, variance = np.empty(noise.size), 1e-4
    for day in range(noise.size):
        sigma[day] = np.sqrt(variance)
        if day % horizon == horizon - 1:
            variance = 5e-6 + (0.10 * noise[day] ** 2 + 0.85) * variance
    realized = np.convolve(sigma * noise, np.ones(horizon), "valid")
    spread = factor * np.sqrt(np.convolve(sigma**2, np.ones(horizon), "valid"))
    return forecast(model, realized, spread, asset, horizon, first)


def at_one_level(walk: Walk) -> Walk:
    """Keep the highest level alone, so that there is one panel and one table for all levels."""
    return replace(
        walk,
        levels=walk.levels[-1:],
        value_at_risk=walk.value_at_risk[:, -1:],
        expected_shortfall=walk.expected_shortfall[:, -1:],
    )


def forecast(
    model: str,
    realized: np.ndarray,
    spread: np.ndarray,
    asset: str = "A",
    horizon: int = 1,
    first: str = "2010-01-04",
) -> Walk:
    """Forecast normal laws of these standard deviations (days,), mean 0, on working days from
    `first` on.
    """
    x, tails = realized / spread, 1.0 - np.array(LEVELS)
    return Walk(
        portfolio=Portfolio.single(asset),
        model=model,
        horizon=horizon,
        dates=np.busday_offset(first, np.arange(realized.size), roll="forward"),
        realized=realized,
        levels=LEVELS,
        value_at_risk=-spread[:, None] * norm.ppf(tails),
        expected_shortfall=spread[:, None] * norm.pdf(norm.ppf(tails)) / tails,
        crps=spread
        * (
            x * (2 * norm.cdf(x) - 1) + 2 * norm.pdf(x) - 1 / np.sqrt(np.pi)
        ),  # Gneiting & Raftery (2007), section 4.2
        pit=norm.cdf(x),
        law=QuantileLaw(GRID, (spread[:, None] * QUANTILES).astype(np.float32)),
    )
