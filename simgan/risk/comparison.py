"""Tests of forecasts by their losses: the better of two, and the best of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.seeds import Seed

FEWEST_DAYS = 10
RESAMPLES = 1000


@dataclass(frozen=True)
class LossComparison:
    """Two forecasts by their losses.

    Attributes
    ----------
    mean_difference : float
        Mean loss of the first less that of the second: negative = the first is better.
    standard_error : float
        Of the mean difference, serial dependence included.
    statistic : float
        Diebold–Mariano, with the correction for short series. Negative = the first is better.
    p_value : float
        Two-sided.
    days, lags : int
        Number of losses, and of autocovariances behind the standard error.
    """

    mean_difference: float
    standard_error: float
    statistic: float
    p_value: float
    days: int
    lags: int


@dataclass(frozen=True)
class ModelConfidenceSet:
    """Models that cannot be told from the best.

    Attributes
    ----------
    p_values : mapping
        Of every model, in the order given. A model is in every set of a size up to its p-value.
    members : tuple of str
        Those with a p-value above the size.
    size : float
        Probability with which a best model is missing.
    block_length : float
        Mean block of the bootstrap in days.
    """

    p_values: Mapping[str, float]
    members: tuple[str, ...]
    size: float
    block_length: int


def mean_by_date(losses: AnyFloatArray, dates: NDArray[np.generic]) -> FloatArray:
    """Average the losses (rows,) of each date, for comparisons over several assets.

    The losses of assets on one day are dependent, those of days nearly not: a series of daily means
    carries the first dependence, of whatever form, in its own variance, and leaves the second to
    Newey and West. Losses in units of an asset (CRPS) should first be divided by its volatility, or
    the wildest asset decides.

    Parameters
    ----------
    losses : array of shape (rows,)
        One a date and asset. Assets may be missing on a date, but the same for all models.
    dates : array of shape (rows,)
        Of anything that sorts.

    Returns
    -------
    array of shape (dates,)
        In the order of the dates.

    References
    ----------
    Qu, Timmermann & Zhu (2023), "Comparing forecasting performance with panel data".
    """
    expect_shape(losses, ("rows",), "mean_by_date")
    expect_finite(losses, "mean_by_date")
    if dates.shape != losses.shape:
        raise ConfigError("mean_by_date", "shapes", (losses.shape, dates.shape), "the same")
    _, place, count = np.unique(dates, return_inverse=True, return_counts=True)
    return np.asarray(np.bincount(place, weights=losses) / count, np.float64)


def fewest_days(horizon: int) -> int:
    """Return the fewest days on which forecasts over a horizon can be compared."""
    return max(FEWEST_DAYS, 4 * horizon)


def diebold_mariano(
    losses_a: AnyFloatArray, losses_b: AnyFloatArray, horizon: int = 1
) -> LossComparison:
    r"""Test equal mean losses of two forecasts.

    .. math:: DM = \sqrt{\frac{T + 1 - 2h + h(h-1)/T}{T}} \; \frac{\bar d}{\sqrt{\widehat{LRV}/T}},
       \qquad d_t = a_t - b_t

    The long-run variance is Newey and West's with Bartlett weights over max(3(h − 1), ⌊4
    (T/100)^{2/9}⌋) lags, as `statsmodels` has it. Forecasts over h days made every day have h − 1
    autocorrelations by construction. With as many Bartlett lags a third of their variance would be
    lost, with three times as many a tenth is. The root is the correction of Harvey, Leybourne and
    Newbold for h-step forecasts, and the law is t, as they advise. Their T − 1 degrees of freedom
    are too many for a variance by so many lags L: of 1,500 pairs of 51 overlapping sums, h = 10, 22
    % are rejected at 5 %. The variance has 3 T / 2 (L + 1) equivalent degrees of freedom (Priestley
    1981, section 6.2.3). With these, 8 % are rejected of 51 and of 250 sums, 7 % of 500, and 6 %
    of 1,500. Of 60 to 1,500 single days 4 to 6 % are.

    Parameters
    ----------
    losses_a, losses_b : arrays of shape (days,)
        Losses of the same forecasts in order of time, low is good. Over several assets from
        `mean_by_date`.
    horizon : int
        h, the days that a forecast spans in units of those between two losses; 1 where forecasts do
        not overlap.

    Returns
    -------
    LossComparison
        Of identical losses: difference 0, p-value 1.

    Raises
    ------
    ConfigError
        Shapes disagree, a value is not finite, there are fewer days than 10 or four horizons, or a
        difference that does not vary.

    References
    ----------
    Diebold & Mariano (1995), "Comparing predictive accuracy". Newey & West (1987, 1994) for the
    variance and the rule of lags. Harvey, Leybourne & Newbold (1997), "Testing the equality of
    prediction mean squared errors". Priestley (1981), "Spectral analysis and time series".
    """
    from scipy.stats import t as student

    difference = _difference(losses_a, losses_b, horizon)
    days, mean = difference.size, float(difference.mean())
    lags = max(3 * (horizon - 1), int(4.0 * (days / 100.0) ** (2.0 / 9.0)))
    if not difference.any():
        return LossComparison(0.0, 0.0, 0.0, 1.0, days, lags)
    if np.ptp(difference) <= 1e-14 * np.abs(difference).max():
        raise ConfigError(
            "diebold_mariano",
            "difference of the losses",
            f"{mean:g} on every day",
            "one that varies",
        )
    error = _newey_west_error(difference, lags)
    correction = np.sqrt((days + 1.0 - 2.0 * horizon + horizon * (horizon - 1.0) / days) / days)
    statistic = float(correction * mean / error)
    freedom = min(days - 1.0, 1.5 * days / (lags + 1))
    p_value = float(2.0 * student.sf(abs(statistic), freedom))
    return LossComparison(mean, error, statistic, p_value, days, lags)


def holm(p_values: Sequence[float]) -> FloatArray:
    """Adjust p-values for their number, so that one size holds for all of them together.

    Parameters
    ----------
    p_values : sequence of float
        Of tests that may be dependent, in any order.

    Returns
    -------
    array of shape (tests,)
        In the same order, none smaller than before and none above 1. If all hypotheses are true, a
        value is below a size with at most this probability. Empty if there are none.

    References
    ----------
    Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    found = np.asarray(p_values, np.float64)
    order = np.argsort(found)
    steps = found[order] * np.arange(found.size, 0, -1)  # the smallest times their number
    adjusted = np.empty_like(found)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def model_confidence_set(
    losses: Mapping[str, AnyFloatArray],
    seed: Seed,
    size: float = 0.1,
    horizon: int = 1,
    resamples: int = RESAMPLES,
) -> ModelConfidenceSet:
    """Find the models that hold the best one with probability 1 − size.

    By `arch.bootstrap.MCS`: range statistic, stationary bootstrap. The losses of each model are
    taken less their mean over the models, because a common part drops out of the comparison. The
    rule of Politis and White gives a mean block for each model. The longest one counts, and at
    least the horizon.

    Parameters
    ----------
    losses : mapping from names to arrays of shape (days,)
        Of two models at least, the same days, in order of time, low is good. Over several assets
        from `mean_by_date`.
    seed : Seed
        Stream ``bootstrap``.
    size : float in (0, 1)
        Probability that the best is not among the members.
    horizon : int
        Days that a forecast spans in units of those between two losses.
    resamples : int
        Bootstrap resamples.

    Returns
    -------
    ModelConfidenceSet

    Raises
    ------
    ConfigError
        There are fewer than two models, or fewer days than 10 or four horizons. Or shapes disagree,
        a value is not finite, or the losses of two models differ by a constant.

    References
    ----------
    Hansen, Lunde & Nason (2011), "The model confidence set". Patton, Politis & White (2009) for the
    block length.
    """
    from arch.bootstrap import MCS

    names, table = list(losses), _table(losses, horizon)
    if not 0.0 < size < 1.0 or resamples < 1:
        raise ConfigError(
            "model_confidence_set",
            "size, resamples",
            (size, resamples),
            "in (0, 1), and at least 1",
        )
    _expect_different(names, table)
    block = _block_length(table - table.mean(axis=1, keepdims=True), horizon)
    found = MCS(
        table,
        size=size,
        reps=resamples,
        block_size=block,
        method="R",
        bootstrap="stationary",
        seed=seed.stream("bootstrap"),
    )
    found.compute()
    p_values = {
        name: float(found.pvalues.loc[column, "Pvalue"]) for column, name in enumerate(names)
    }
    return ModelConfidenceSet(
        p_values, tuple(names[column] for column in sorted(found.included)), size, block
    )


def _difference(losses_a: AnyFloatArray, losses_b: AnyFloatArray, horizon: int) -> FloatArray:
    return np.asarray(
        np.subtract(*_table({"first": losses_a, "second": losses_b}, horizon).T), np.float64
    )


def _table(losses: Mapping[str, AnyFloatArray], horizon: int) -> FloatArray:
    """Return checked losses as (days, models)."""
    for values in losses.values():
        expect_shape(values, ("days",), "comparison")
        expect_finite(values, "comparison")
    lengths = {values.size for values in losses.values()}
    if len(losses) < 2 or len(lengths) > 1:
        raise ConfigError(
            "comparison",
            "losses",
            f"{len(losses)} of {sorted(lengths)} days",
            "two or more, of the same days",
        )
    if horizon < 1 or min(lengths) < fewest_days(horizon):
        raise ConfigError(
            "comparison",
            "days, horizon",
            (min(lengths), horizon),
            f"at least {FEWEST_DAYS} days and four horizons",
        )
    return np.stack([np.asarray(values, np.float64) for values in losses.values()], axis=1)


def _expect_different(names: list[str], table: FloatArray) -> None:
    for one, other in combinations(range(len(names)), 2):
        if np.ptp(table[:, one] - table[:, other]) <= 1e-14 * np.abs(table).max():
            raise ConfigError(
                "model_confidence_set",
                "losses",
                (names[one], names[other]),
                "different by more than a constant",
            )


def _newey_west_error(series: FloatArray, lags: int) -> float:
    from statsmodels.regression.linear_model import OLS

    fit = OLS(series, np.ones_like(series)).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False}
    )
    return float(fit.bse[0])


def _block_length(table: FloatArray, horizon: int) -> int:
    """Mean block in days, at least the horizon and not more than the days."""
    from arch.bootstrap import optimal_block_length

    lengths = optimal_block_length(table)["stationary"].to_numpy()
    return int(min(max(np.ceil(lengths.max()), horizon, 1), len(table)))
