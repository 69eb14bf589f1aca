r"""Statistics of ranges: days as vectors of numbers, and their estimators.

The numbers of a day are its log return, its range ln(high/low), its range variance, its gap, and
ln(low / close before).

Estimators take days (windows, horizon, 5). A day without a shape is NaN in all but its return.
Sums leave it out with its return, and correlations leave out all pairs that it is in.

References
----------
Parkinson (1980), "The extreme value method for estimating the variance of the rate of return".
Chou (2005), "Forecasting financial volatilities with extreme values: the conditional autoregressive
range (CARR) model", for the memory of ranges and their leverage.
"""

from __future__ import annotations

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.stats import rankdata

from simgan.arrays import FloatArray
from simgan.stats.classifiers import window_features
from simgan.stats.divergences import wasserstein
from simgan.stats.windows import standardised

RETURN, RANGE, VARIANCE, GAP, LOW = range(5)


def known(days: FloatArray) -> FloatArray:
    """Return the days (n, 5) that have a range."""
    return np.asarray(days[np.isfinite(days[..., RANGE])], np.float64)


def mean_range(days: FloatArray) -> float:
    """Return the mean of the range, in log returns."""
    return float(known(days)[:, RANGE].mean())


def range_spread(days: FloatArray) -> float:
    """Return the standard deviation of the range, in log returns."""
    return float(known(days)[:, RANGE].std())


def range_emd(real: FloatArray, fake: FloatArray) -> float:
    """Return the 1-Wasserstein distance of ranges, in standard deviations of the real ones.

    Parameters
    ----------
    real, fake : arrays of shape (…, 5)
    """
    ours, theirs = known(real)[:, RANGE], known(fake)[:, RANGE]
    return wasserstein(ours, theirs) / float(ours.std())


def variance_share(days: FloatArray) -> float:
    """Return mean range variance over mean squared return.

    It is 1 for continuous paths without drift. Above 1, prices come back within the day.
    """
    every = known(days)
    return float(every[:, VARIANCE].mean() / np.square(every[:, RETURN]).mean())


def gap_share(days: FloatArray) -> float:
    """Return mean squared gap over mean squared return."""
    every = known(days)
    return float(np.square(every[:, GAP]).mean() / np.square(every[:, RETURN]).mean())


def range_memory(days: FloatArray, max_lag: int) -> FloatArray:
    r"""Return the autocorrelation of the range at lags 1 … `max_lag`, over pairs of known days.

    .. math:: \hat\rho(k) = \frac{\sum (x_t - \bar x)(x_{t+k} - \bar x) / n_k}
       {\sum (x_t - \bar x)^2 / n_0}

    where the sums run over windows, too, each with its own mean, and n_k is the number of pairs.

    Parameters
    ----------
    days : array of shape (windows, horizon, 5)
    max_lag : int
        Below the horizon.

    Returns
    -------
    array of shape (max_lag,)
    """
    ranges = days[..., RANGE]
    is_known = np.isfinite(ranges)
    counts = np.maximum(is_known.sum(axis=1, keepdims=True), 1)
    means = np.where(is_known, ranges, 0.0).sum(axis=1, keepdims=True) / counts
    centred = np.where(is_known, ranges - means, 0.0)
    products, pairs = (_lagged(each, max_lag) for each in (centred, is_known.astype(np.float64)))
    found = products / np.maximum(pairs, 1.0)
    return np.asarray(found[1:] / found[0], np.float64)


def total_memory(days: FloatArray, max_lag: int) -> float:
    """Return 1 + 2 Σ ρ(k), k = 1 … `max_lag`, of the range, and at least 1.

    The variance of a mean range is so many times that of independent days.

    Parameters
    ----------
    days : array of shape (windows, horizon, 5)
    max_lag : int
    """
    return max(1.0, 1.0 + 2.0 * float(range_memory(days, max_lag).sum()))


def _lagged(values: FloatArray, max_lag: int) -> FloatArray:
    """Return Σ x_t x_{t+k} over windows and days, k = 0 … `max_lag`."""
    length = next_fast_len(values.shape[1] + max_lag, real=True)  # no lag wraps round
    spectrum = (np.abs(rfft(values, length)) ** 2).sum(axis=0)
    return np.asarray(irfft(spectrum, length)[: max_lag + 1], np.float64)


def rank_correlation(days: FloatArray, ahead: int) -> float:
    """Return Spearman's correlation of the range and of the size |r| some days ahead.

    Parameters
    ----------
    days : array of shape (windows, horizon, 5)
    ahead : int
        Days from the range to the return.
    """
    ranges = days[:, : days.shape[1] - ahead, RANGE]
    sizes = np.abs(days[:, ahead:, RETURN])
    is_known = np.isfinite(ranges)
    return float(np.corrcoef(rankdata(ranges[is_known]), rankdata(sizes[is_known]))[0, 1])


def fall_excess(days: FloatArray) -> float:
    """Return mean range after falls minus that after rises, over the mean range."""
    before, ranges = days[:, :-1, RETURN], days[:, 1:, RANGE]
    is_known = np.isfinite(ranges)
    after_falls, after_rises = (ranges[is_known & side].mean() for side in (before < 0, before > 0))
    return float((after_falls - after_rises) / mean_range(days))


def touched(days: FloatArray, deviations: float) -> float:
    """Return the days whose low reaches a loss, over those whose close does.

    It is 2 for continuous symmetric paths, by the principle of reflection (Bachelier 1901). Gaps
    make it smaller.

    Parameters
    ----------
    days : array of shape (…, 5)
    deviations : float
        The loss, in standard deviations of the returns of these days.
    """
    every = known(days)
    barrier = -deviations * every[:, RETURN].std()
    reached, closed = (float(np.mean(every[:, part] <= barrier)) for part in (LOW, RETURN))
    return reached / max(closed, 1 / len(every))


def ranged_features(windows: FloatArray) -> FloatArray:
    """Return features of windows (windows, days, 5) of known days, shape (windows, features).

    Those of `window_features` for returns and for ranges. Correlations of range and size |r| on the
    same day and a day later. Range variance and squared gap over r².
    """
    returns, ranges, variances, gaps, _ = np.moveaxis(windows, -1, 0)
    size, width = standardised(np.abs(returns)), standardised(ranges)
    square = np.maximum(np.square(returns).mean(axis=1), 1e-12)
    return np.column_stack(
        [
            window_features(returns),
            window_features(ranges),
            (width * size).mean(axis=1),
            (width[:, :-1] * size[:, 1:]).mean(axis=1),
            np.log(np.maximum(variances.mean(axis=1), 1e-12) / square),
            np.square(gaps).mean(axis=1) / square,
        ]
    )
