"""Scores of joint forecasts by portfolios: few that people hold, and many that are drawn once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, whole_rows
from simgan.risk.scores import crps, fz0
from simgan.seeds import Seed

DRAWN = 20  # portfolios of each random kind
RECENT = 250  # days behind the portfolio of minimum variance
GROUPS = {
    "equal weights": slice(0, 1),
    "minimum variance": slice(-1, None),
    f"{DRAWN} random long-only": slice(1, 1 + DRAWN),
    f"{DRAWN} random long-short": slice(1 + DRAWN, 1 + 2 * DRAWN),
}
"""Rows of `portfolios_on` by kind."""
_PERCENT = 100.0  # published FZ0 scores are those of returns in percent


class PortfolioScores(NamedTuple):
    """Scores of one forecast by portfolios. Returns are simple.

    Attributes
    ----------
    crps : array of shape (portfolios,)
    fz0 : array of shape (portfolios, levels)
        Of returns in percent. NaN where the ES is no loss.
    hits : array of shape (portfolios, levels)
        1 where the loss is above the VaR, else 0.
    """

    crps: FloatArray
    fz0: FloatArray
    hits: FloatArray


def fixed_portfolios(assets: int) -> FloatArray:
    """Return equal weights, 20 long-only and 20 long-short portfolios (41, assets).

    The random ones are the same for every backtest. Long-only weights are uniform on the simplex.
    Long-short weights are normal, and their absolute values add up to 1.
    """
    rng = Seed(0).stream("backtest")
    both = rng.standard_normal((DRAWN, assets))
    long_short = both / np.abs(both).sum(axis=1, keepdims=True)
    equal = np.full((1, assets), 1 / assets)
    return np.concatenate([equal, rng.dirichlet(np.ones(assets), DRAWN), long_short])


def minimum_variance(known: FloatArray) -> FloatArray:
    """Return the weights (assets,) of least variance over the last days, long-only by a clip.

    Parameters
    ----------
    known : array of shape (days, assets)
        Log returns. Of the last 250 days those count on which all assets traded.
    """
    recent = known[-RECENT:]
    covariance = np.atleast_2d(np.cov(recent[whole_rows(recent)].T))
    try:
        inverse = np.linalg.inv(covariance)
    except np.linalg.LinAlgError:  # one asset is a mixture of others
        inverse = np.linalg.pinv(covariance)
    weights = np.maximum(inverse.sum(axis=1), 0)
    return np.asarray(weights / weights.sum(), np.float64)


def portfolios_on(known: FloatArray) -> FloatArray:
    """Return the fixed portfolios and that of minimum variance (42, assets) after known days."""
    return np.vstack([fixed_portfolios(known.shape[1]), minimum_variance(known)])


def portfolio_scores(
    draws: AnyFloatArray,
    realized: AnyFloatArray,
    weights: FloatArray,
    tail_probabilities: Sequence[float],
) -> PortfolioScores:
    """Score a forecast of several assets by portfolios that are bought and held.

    Parameters
    ----------
    draws : array of shape (n, assets)
        Log returns over the horizon.
    realized : array of shape (assets,)
        The outcome.
    weights : array of shape (portfolios, assets)
        Shares at the start. Their sum may be any number: gains are those of the assets alone.
    tail_probabilities : sequence of float
        Of VaR and ES, for example 0.025.
    """
    simple, outcome = np.expm1(draws) @ weights.T, np.expm1(realized) @ weights.T
    var = -np.quantile(simple, tail_probabilities, axis=0)  # (levels, portfolios)
    losses, hits = np.full(var.shape, np.nan), outcome < -var
    for row, probability in enumerate(tail_probabilities):
        tail = np.where(simple <= -var[row], simple, np.nan)
        shortfall = np.maximum(-np.nanmean(tail, axis=0), var[row])
        is_loss = shortfall > 0
        found = [_PERCENT * values[is_loss] for values in (var[row], shortfall, outcome)]
        losses[row, is_loss] = fz0(found[0], found[1], found[2], probability)
    return PortfolioScores(crps(simple.T, outcome), losses.T, hits.T.astype(np.float64))
