"""How far a statistic moves by chance: intervals and noise floors.

The percentiles of a bootstrap are too narrow where volatility is persistent. `pivotal_interval`
uses histories that are drawn from laws instead, and `wider` joins two intervals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.seeds import Seed

Statistic = Callable[[FloatArray], float]
TwoSampleStatistic = Callable[[FloatArray, FloatArray], float]

# Resamples that play the fake paths of a noise floor. Their own noise adds 1/16 to the variance.
POOL = 16
FEWEST_DAYS = 50


@dataclass(frozen=True)
class Interval:
    """A statistic of the history with a percentile interval.

    Attributes
    ----------
    value : float
        The statistic of the history itself.
    low, high : float
        Percentile bounds.
    level : float
        Coverage aimed at, e.g. 0.95.
    resamples : int
        Number of resamples.
    mean_block : float
        Mean block length in days.
    """

    value: float
    low: float
    high: float
    level: float
    resamples: int
    mean_block: float


@dataclass(frozen=True)
class NoiseFloor:
    """The value of a two-sample statistic for real against real.

    Attributes
    ----------
    median, high : float
        Median and 95 % quantile over resamples of the history against the law it was resampled
        from.
    halves : float
        The statistic of the first calendar half against the second: also contains what changed in
        the world between them.
    resamples : int
        Number of resamples.
    mean_block : float
        Mean block length in days.
    """

    median: float
    high: float
    halves: float
    resamples: int
    mean_block: float


def block_length(log_returns: AnyFloatArray) -> float:
    """Mean block length in days for the stationary bootstrap, at least 1.

    The rule of Politis & White is applied to |r|, not to r: returns are nearly uncorrelated, so
    their own block length (9 days for the S&P 500 1999–2018) would cut volatility clusters (146
    days) to pieces and make every interval too narrow.

    Parameters
    ----------
    log_returns : array of shape (days,)
        At least 50 days.

    References
    ----------
    Politis & White (2004), "Automatic block-length selection for the dependent bootstrap". Patton,
    Politis & White (2009),
    correction. As in `arch.bootstrap.optimal_block_length`.
    """
    from arch.bootstrap import optimal_block_length

    expect_shape(log_returns, ("days",), "block_length")
    expect_finite(log_returns, "block_length")
    if log_returns.size < FEWEST_DAYS or np.ptp(log_returns) == 0.0:
        raise ConfigError(
            "block_length",
            "log_returns",
            f"{log_returns.size} days",
            f"at least {FEWEST_DAYS} days that vary",
        )
    rule = optimal_block_length(np.abs(np.asarray(log_returns, np.float64)))
    return max(1.0, float(rule["stationary"].iloc[0]))


def stationary_resamples(
    log_returns: AnyFloatArray, n: int, rng: np.random.Generator, mean_block: float
) -> FloatArray:
    """Resample a history n times in blocks of random length, joined end to end.

    Parameters
    ----------
    log_returns : array of shape (days,)
        The history, taken as a circle.
    n : int
        Number of resamples.
    rng : numpy Generator
        From a named stream of `Seed`.
    mean_block : float
        Mean of the geometric block length, in days, at least 1.

    Returns
    -------
    array of shape (n, days)

    References
    ----------
    Politis & Romano (1994), "The stationary bootstrap".
    """
    from arch.bootstrap import StationaryBootstrap

    if n < 1 or not mean_block >= 1.0:
        raise ConfigError(
            "stationary_resamples", "n, mean_block", (n, mean_block), "at least 1 each"
        )
    draws = StationaryBootstrap(mean_block, np.asarray(log_returns, np.float64), seed=rng)
    return np.stack([arrays[0] for arrays, _ in draws.bootstrap(n)])


def bootstrap_interval(
    statistic: Statistic,
    log_returns: AnyFloatArray,
    seed: Seed,
    n_resamples: int = 400,
    level: float = 0.95,
) -> Interval:
    """Percentile interval of a statistic of one history.

    Parameters
    ----------
    statistic : function from (days,) to float
        For example ``lambda r: hill_tail_index(-r).value``.
    log_returns : array of shape (days,)
        The history.
    seed : Seed
        Stream ``bootstrap``.
    n_resamples : int
        At least 2.
    level : float in (0, 1)
        Coverage.

    Notes
    -----
    Block joints weaken long-range dependence by (1 − 1/mean block)^lag. So intervals of
    autocorrelations at lags beyond the mean block lie too low. The percentiles are not corrected,
    and the interval need not contain the value.
    """
    if not 0.0 < level < 1.0 or n_resamples < 2:
        raise ConfigError(
            "bootstrap_interval",
            "level, n_resamples",
            (level, n_resamples),
            "a level in (0, 1) and at least 2 resamples",
        )
    mean_block = block_length(log_returns)
    resamples = stationary_resamples(log_returns, n_resamples, seed.stream("bootstrap"), mean_block)
    values = [statistic(resample) for resample in resamples]
    low, high = np.quantile(values, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    own = statistic(np.asarray(log_returns, np.float64))
    return Interval(float(own), float(low), float(high), level, n_resamples, mean_block)


def pivotal_interval(
    value: float, drawn: AnyFloatArray, *, level: float = 0.95
) -> tuple[float, float]:
    r"""Interval of the mean of a statistic over histories, given its value for one history.

    Histories of the same length are drawn from several laws. Each history differs from the mean of
    its law, and the real one may differ from its own as much:

    .. math:: \theta - q_{1-a/2} \le E\,\theta \le \theta - q_{a/2}, \qquad
       q = \text{quantiles of } c\,(\theta_{kj} - \bar\theta_k), \quad c = \sqrt{n/(n-1)}

    Parameters
    ----------
    value : float
        θ, the statistic of the history.
    drawn : array of shape (laws, histories)
        θ_kj. At least two histories of each law.
    level : float in (0, 1)
        Coverage.

    References
    ----------
    Davison & Hinkley (1997), "Bootstrap methods and their application", section 5.2.
    """
    groups = _groups(drawn)
    deviations = _of_more(groups) * (groups - groups.mean(axis=1, keepdims=True))
    low, high = np.quantile(deviations, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(value - high), float(value - low)


def ratio_interval(
    value: float, drawn: AnyFloatArray, *, level: float = 0.95
) -> tuple[float, float]:
    r"""Interval as of `pivotal_interval`, by ratios in place of differences.

    .. math:: \theta / q_{1-a/2} \le E\,\theta \le \theta / q_{a/2}, \qquad
       q = \text{quantiles of } 1 + c\,(\theta_{kj} / \bar\theta_k - 1)

    Spreads, tail quantiles and autocorrelations of volatility move in proportion to themselves.
    Differences would make the interval of a calm history too narrow, and that of a memory so wide
    that it holds 0. They are used where θ and the means of laws have both signs, and where the
    lower quantile is not above 0.
    """
    groups = _groups(drawn)
    means = groups.mean(axis=1, keepdims=True)
    if not (means * value > 0.0).all():
        return pivotal_interval(value, drawn, level=level)
    ratios = 1.0 + _of_more(groups) * (groups / means - 1.0)
    low, high = np.quantile(ratios, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    if low <= 0.0:
        return pivotal_interval(value, drawn, level=level)
    ends = sorted((value / float(high), value / float(low)))
    return ends[0], ends[1]


def geometric_interval(
    value: float, drawn: AnyFloatArray, *, level: float = 0.95
) -> tuple[float, float]:
    r"""Interval as of `ratio_interval`, by ratios to the geometric mean of each law.

    .. math:: \theta e^{-q_{1-a/2}} \le E\,\theta \le \theta e^{-q_{a/2}}, \qquad
       q = \text{quantiles of } c\,(\ln θ_{kj} - \overline{\ln θ_k})

    A law of several assets is as wild as the wildest of them, and now and then one of its few
    histories explodes. That history makes the arithmetic mean, and all others are far below it. So
    `ratio_interval` gave the deviation of ten-day returns an upper end of ten times its value. The
    geometric mean hardly moves. Differences are used where numbers have both signs.
    """
    groups = _groups(drawn)
    if not (groups * value > 0.0).all():
        return pivotal_interval(value, drawn, level=level)
    low, high = pivotal_interval(float(np.log(abs(value))), np.log(np.abs(groups)), level=level)
    ends = sorted((float(np.sign(value) * np.exp(low)), float(np.sign(value) * np.exp(high))))
    return ends[0], ends[1]


def memory_interval(
    value: float, drawn: AnyFloatArray, *, level: float = 0.95
) -> tuple[float, float]:
    """Interval of a number about memory: the nearer of the ends by ratios and by differences.

    The error of a memory grows with it, and does not vanish where it does. Ratios alone give a weak
    memory no upper end, and differences alone give a strong one a lower end below 0. Laws without
    this memory, or with one of another sign, have no ratio. If they are half of all or more,
    differences stay.
    """
    low, high = pivotal_interval(value, drawn, level=level)
    groups = _groups(drawn)
    of_laws = groups.mean(axis=1, keepdims=True)
    alike = (of_laws * value > 0.0)[:, 0]
    if 2 * alike.sum() <= len(alike):
        return low, high
    ratios = 1.0 + _of_more(groups) * (groups[alike] / of_laws[alike] - 1.0)
    least, most = np.quantile(ratios, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    inner, outer = value / float(most), value / float(least) if least > 0.0 else np.inf * value
    return max(low, min(inner, outer)), min(high, max(inner, outer))


def wider(*intervals: tuple[float, float]) -> tuple[float, float]:
    """Return the interval from the lowest to the highest of all ends."""
    return min(low for low, _ in intervals), max(high for _, high in intervals)


# value of the history, (laws, histories) or (resamples,) → interval
Bounds = Callable[[float, FloatArray], tuple[float, float]]


@dataclass(frozen=True)
class Rule:
    """How the interval of a number comes from histories of plausible laws, and from resamples."""

    of_laws: Bounds
    of_resamples: Bounds

    def interval(
        self, value: float, of_laws: FloatArray, of_resamples: FloatArray
    ) -> tuple[float, float]:
        """Return the wider of both, given the number of each history and of each resample."""
        return wider(self.of_laws(value, of_laws), self.of_resamples(value, of_resamples))


def _percentiles(value: float, drawn: FloatArray) -> tuple[float, float]:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _recentred(value: float, drawn: FloatArray) -> tuple[float, float]:
    low, median, high = np.quantile(drawn, [0.025, 0.5, 0.975])
    return float(value + low - median), float(value + high - median)


LEVEL = Rule(ratio_interval, _percentiles)  # in proportion to itself
LEVEL_OF_BOOK = Rule(geometric_interval, _percentiles)  # so, where one of many assets may explode
MEMORY = Rule(memory_interval, _recentred)  # partly so, and weakened by the joints of resamples
LOCATION = Rule(pivotal_interval, _recentred)  # its error does not grow with it


def distances_in_laws(
    statistic: TwoSampleStatistic, histories: FloatArray, singles: int
) -> FloatArray:
    """Return a two-sample statistic between histories of one law, shape (laws × singles,).

    Parameters
    ----------
    statistic : function from (days,), (paths, days) to float
        Its second argument are the fake paths.
    histories : array of shape (laws, histories, days)
        Of each law the first `singles` play the real history, one after the other. The others are
        the paths of a model that has found this law.
    singles : int
        Fewer than there are histories of a law.
    """
    return np.array(
        [statistic(single, of_law[singles:]) for of_law in histories for single in of_law[:singles]]
    )


def _groups(drawn: AnyFloatArray) -> FloatArray:
    groups = np.asarray(drawn, np.float64)
    if groups.ndim != 2 or groups.shape[1] < 2:
        raise ConfigError(
            "pivotal_interval", "drawn", groups.shape, "(laws, histories), 2 of each law or more"
        )
    return groups


def _of_more(groups: FloatArray) -> float:
    """Factor that undoes the smaller spread about the mean of few histories."""
    return float(np.sqrt(groups.shape[1] / (groups.shape[1] - 1)))


def noise_floor(
    statistic: TwoSampleStatistic, real: AnyFloatArray, seed: Seed, n_resamples: int = 200
) -> NoiseFloor:
    """Return the value of a two-sample statistic for a right model and a short history.

    Each resample of the history plays the real series and 16 others, drawn from the same law, play
    the fake paths, all as long as the history. That is the position of a perfect model, whose many
    paths are compared with one history. Both sides have block joints, so their weaker long memory
    cancels in the mean, but the floor of long-memory statistics is on the low side.

    Parameters
    ----------
    statistic : function from (days,), (paths, days) to float
        For example ``lambda a, b: emd_in_sd(a, b, steps=20)``.
    real : array of shape (days,)
        Log returns.
    seed : Seed
        Stream ``noise-floor``.
    n_resamples : int
        Number of resamples that play the real series.

    Returns
    -------
    NoiseFloor
        A score below the median is as good as this history can tell. Far below it, the model has
        learned the history by heart.
    """
    series = np.asarray(real, np.float64)
    mean_block = block_length(series)
    fake = stationary_resamples(series, POOL, seed.stream("noise-floor", 0), mean_block)
    resamples = stationary_resamples(series, n_resamples, seed.stream("noise-floor", 1), mean_block)
    median, high = np.quantile([statistic(resample, fake) for resample in resamples], [0.5, 0.95])
    half = series.size // 2
    halves = statistic(series[:half], series[None, -half:])
    return NoiseFloor(float(median), float(high), float(halves), n_resamples, mean_block)
