"""Risk along a path: drawdowns, time under water, runs, volatility of months, and aggregation.

Every function takes log returns of shape (paths, horizon) or (days,). It pools all paths, and
nothing crosses from one path to the next.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.errors import ConfigError
from simgan.stats.moments import sums

MONTH, YEAR = 21, 250  # trading days
WILD_SHARE = 0.2  # of the days, by size
_QUARTILES, _OUTERMOST = (0.25, 0.75), (0.025, 0.975)
_OF_NORMAL = 2.9058469516701  # (q₉₇.₅ − q₂.₅) / (q₇₅ − q₂₅) of a normal law
_MOST_TAIL = 1e3
_LEAST_VOLATILITY = 0.01  # of a month, in standard deviations of all days: still months have a log


def maximum_drawdowns(paths: AnyFloatArray, days: int, stride: int) -> FloatArray:
    r"""Return the maximum drawdown of each stretch of `days` days.

    .. math:: D = 1 - \exp\Big(-\max_{0 \le s \le t \le T} \sum_{s < u \le t} -r_u\Big)

    Parameters
    ----------
    paths : array of shape (paths, horizon) or (days,)
        Log returns.
    days : int
        T, from 1 to the horizon.
    stride : int
        Days from one stretch to the next. The last stretch of a path ends on its last day.

    Returns
    -------
    array of shape (stretches,)
        Shares of the highest value before, from 0 to 1.

    References
    ----------
    Magdon-Ismail & Atiya (2004), "Maximum drawdown".
    """
    wealth = _stretches(_wealth(paths), days + 1, stride)
    depth = (np.maximum.accumulate(wealth, axis=1) - wealth).max(axis=1)
    return np.asarray(-np.expm1(-depth), np.float64)


def longest_under_water(paths: AnyFloatArray, days: int, stride: int) -> FloatArray:
    """Return the longest time below an earlier high, in days, of each stretch of `days` days.

    A stretch begins at a high. A time that has not ended with the stretch counts as far as it goes.
    Arguments as for `maximum_drawdowns`.
    """
    wealth = _stretches(_wealth(paths), days + 1, stride)
    return _longest_runs(wealth < np.maximum.accumulate(wealth, axis=1))


def longest_losing_runs(paths: AnyFloatArray, days: int, stride: int) -> FloatArray:
    """Return the longest run of successive days with a loss, of each stretch of `days` days.

    Arguments as for `maximum_drawdowns`.
    """
    return _longest_runs(_stretches(np.atleast_2d(paths), days, stride) < 0.0)


def wild_run(paths: AnyFloatArray) -> float:
    """Return the mean length of runs of wild days, in days.

    The fifth of the days with the largest moves, of all paths together, is wild. Independent days
    have runs of 1/(1 − 0.2) = 1.25 days in the mean. Clusters make them longer. A run of calm days
    is four times as long, because the shares of days are fixed.

    References
    ----------
    Wald & Wolfowitz (1940), "On a test whether two samples are from the same population": runs.
    """
    size = np.abs(np.atleast_2d(paths))
    wild = size > quantiles(size, (1.0 - WILD_SHARE,))
    starts = int(np.count_nonzero(wild[:, 1:] & ~wild[:, :-1]) + np.count_nonzero(wild[:, 0]))
    return float(np.count_nonzero(wild)) / max(starts, 1)


def volatilities(paths: AnyFloatArray, days: int = MONTH) -> FloatArray:
    r"""Return the realised volatility of all stretches of `days` days, which overlap.

    .. math:: \sqrt{\tfrac{1}{n} \sum_{u=t-n+1}^t r_u^2}

    Returns
    -------
    array of shape (paths, horizon − days + 1)
        In log-return units per day.

    References
    ----------
    Andersen, Bollerslev, Diebold & Labys (2003), "Modeling and forecasting realized volatility".
    """
    squares = sums(np.atleast_2d(paths).astype(np.float64) ** 2, days)
    return np.asarray(np.sqrt(np.maximum(squares, 0.0) / days), np.float64)


def log_volatility_spread(paths: AnyFloatArray) -> float:
    """Return the standard deviation of the log of 21-day volatility: the volatility of volatility.

    A month of still days counts as a hundredth of the standard deviation of all days.
    """
    return float(_log_volatilities(paths).std())


def log_volatility_memory(paths: AnyFloatArray) -> float:
    """Return the autocorrelation of the log of 21-day volatility from one month to the next.

    The months share no day. The mean is that of all paths.
    """
    months = _log_volatilities(paths)
    if months.shape[1] <= MONTH:
        raise ConfigError(
            "log_volatility_memory", "horizon", months.shape[1] + MONTH - 1, f"{2 * MONTH} or more"
        )
    centred = months - months.mean()
    variance = np.mean(centred**2)
    if variance == 0.0:
        return 0.0
    return float(np.mean(centred[:, :-MONTH] * centred[:, MONTH:]) / variance)


def tail_ratio(paths: AnyFloatArray, steps: int) -> float:
    r"""Return a robust excess kurtosis of overlapping sums over `steps` days, 0 for a normal law.

    .. math:: \frac{q_{.975} - q_{.025}}{q_{.75} - q_{.25}} - 2.906

    It exists for every law, and one day moves it little. The fraction is at most 1,000, as of a
    price that moves in less than half of the days.

    References
    ----------
    Crow & Siddiqui (1967), "Robust estimation of location". Kim & White (2004), "On more robust
    estimation of skewness and kurtosis", where it is called KR₄.
    """
    totals = sums(np.atleast_2d(paths), steps)
    below, lower, upper, above = quantiles(totals, _OUTERMOST[:1] + _QUARTILES + _OUTERMOST[1:])
    outer = float(above - below)
    inner = max(float(upper - lower), outer / _MOST_TAIL)
    return outer / inner - _OF_NORMAL if inner > 0.0 else -_OF_NORMAL


def variance_ratio(paths: AnyFloatArray, steps: int) -> float:
    r"""Return the variance of sums over `steps` days, over `steps` times that of days.

    .. math:: \frac{\operatorname{Var}(r_t + \dots + r_{t+q-1})}{q \operatorname{Var}(r_t)}

    1 for returns without autocorrelation. More says that risk grows faster than √q, and less that
    it grows slower.

    References
    ----------
    Lo & MacKinlay (1988), "Stock market prices do not follow random walks".
    """
    values = np.atleast_2d(paths)
    mean = values.mean()
    long = np.mean((sums(values, steps) - steps * mean) ** 2)
    return float(long / (steps * np.mean((values - mean) ** 2)))


def share_below(paths: AnyFloatArray, steps: int, bound: float) -> float:
    """Return the share of overlapping sums over `steps` days below a bound."""
    return float(np.mean(sums(np.atleast_2d(paths), steps) < bound))


def quantiles(values: AnyFloatArray, probabilities: tuple[float, ...]) -> FloatArray:
    """Return quantiles of all values, as `numpy.quantile` does, in a third of its time.

    A report takes those of a thousand short series.
    """
    pooled = np.asarray(values, np.float64).ravel()
    place = np.asarray(probabilities) * (pooled.size - 1)
    below = place.astype(np.intp)
    above = np.minimum(below + 1, pooled.size - 1)
    parted = np.partition(pooled, np.unique([below, above]))
    return np.asarray(parted[below] + (place - below) * (parted[above] - parted[below]), np.float64)


def _wealth(paths: AnyFloatArray) -> FloatArray:
    """Return log prices (paths, horizon + 1) that begin at 0."""
    return np.cumsum(np.pad(np.atleast_2d(paths), ((0, 0), (1, 0))), axis=1, dtype=np.float64)


def _stretches(series: AnyFloatArray, length: int, stride: int) -> AnyFloatArray:
    """Cut series (paths, horizon) into overlapping stretches (stretches, length)."""
    horizon = series.shape[1]
    if not 1 <= length <= horizon or stride < 1:
        raise ConfigError(
            "path_risk", "days, stride", (length, stride), f"from 1 to the horizon, here {horizon}"
        )
    cut = np.lib.stride_tricks.sliding_window_view(series, length, axis=1)
    return cut[:, (horizon - length) % stride :: stride].reshape(-1, length)


def _longest_runs(is_inside: NDArray[np.bool_]) -> FloatArray:
    """Return the length of the longest run of true values in each row."""
    days = np.arange(1, is_inside.shape[1] + 1, dtype=np.int32)
    last_outside = np.maximum.accumulate(np.where(is_inside, np.int32(0), days), axis=1)
    return np.asarray((days - last_outside).max(axis=1), np.float64)


def _log_volatilities(paths: AnyFloatArray) -> FloatArray:
    least = _LEAST_VOLATILITY * float(np.std(paths))
    return np.asarray(np.log(np.maximum(volatilities(paths), least)), np.float64)
