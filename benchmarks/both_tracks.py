"""Features of days with their ranges: what a critic of both tracks sees, beside the returns.

Days are vectors (…, 5) of `simgan.stats.ranges`: return, range, range variance, gap, and low over
the close before. They are in units of the volatility before them, as in `conditional_critic.py`.
"""

from __future__ import annotations

import numpy as np

from simgan.arrays import FloatArray
from simgan.stats.ranges import GAP, LOW, RANGE, RETURN, VARIANCE

LAGS = 1, 5  # of the memory of log ranges within windows
_DECAYS = {days: 0.5 ** (1 / days) for days in (3, 15, 60)}  # by half life
_LEAST = 0.05  # range, in units of the volatility, that keeps the logarithm finite
_FLOOR = 1e-3  # the same of a variance
_TINY = 1e-12

RANGED_PAST = ("range over return 15", "range over return 60", "range 3 / 15")
RANGED_FUTURE = (
    *("log range 1", "log range 1-5", "log range 6-20", "log range 1-20"),
    *("range over return", "gaps in ranges", "spread of ranges"),
    *("largest range", "smallest range"),
    *("cluster of ranges 1", "cluster of ranges 2-5", "range and size", "range and next size"),
    *("size and next range", "range after falls", "range on falls"),
    *("lows below a spread", "highs above a spread", "deepest fall by lows", "upper less lower"),
    *("close at an end", "gap and body", "return and next gap"),
)


def features_of_ranged_past(returns: FloatArray, ranges: FloatArray, known: int) -> FloatArray:
    """Return features (days, 3) of the past of each day, by returns and range variances (days,).

    A day without a range has its squared return. Both tracks begin at their means over the first
    `known` days, and one day counts as 100 times the mean before it at most.
    """
    tracks = {"return": returns**2, "range": np.where(np.isfinite(ranges), ranges, returns**2)}
    log = {}
    for name, values in tracks.items():
        for half_life, decay in _DECAYS.items():
            means, mean = np.empty(len(values)), values[:known].mean()
            for day, value in enumerate(values):
                means[day] = mean
                mean = decay * mean + (1 - decay) * min(value, 100 * mean)
            log[name, half_life] = 0.5 * np.log(np.maximum(means, 1e-6 * values[:known].mean()))
    columns = [
        *(log["range", days] - log["return", days] for days in (15, 60)),
        log["range", 3] - log["range", 15],
    ]
    return np.stack(columns, axis=1)


def features_of_ranges(days: FloatArray) -> FloatArray:
    """Return features (…, 23) of days (…, 20, 5) in units of the volatility before them."""
    returns, ranges, variances, gaps, lows = (
        days[..., part] for part in (RETURN, RANGE, VARIANCE, GAP, LOW)
    )
    width, size = np.log(np.maximum(ranges, _LEAST)), np.abs(returns)
    highs, bodies = lows + ranges, returns - gaps
    lower, upper = np.minimum(bodies, 0) + gaps - lows, highs - gaps - np.maximum(bodies, 0)
    square, variance = (returns**2).mean(axis=-1), variances.mean(axis=-1)
    z, move, own = (_standardised(values) for values in (width, size, returns))
    level = np.cumsum(returns, axis=-1) - returns  # close before each day
    columns = [
        width[..., 0],
        *(
            0.5 * np.log(part.mean(axis=-1) + _FLOOR)
            for part in (variances[..., :5], variances[..., 5:], variances)
        ),
        np.log((variance + _FLOOR) / (square + _FLOOR)),
        (gaps**2).mean(axis=-1) / (variance + _FLOOR),
        width.std(axis=-1),
        *(width.max(axis=-1), width.min(axis=-1)),
        _lagged(z, z, 1),
        np.mean([_lagged(z, z, lag) for lag in range(2, 6)], axis=0),
        (z * move).mean(axis=-1),
        *(_lagged(z, move, 1), _lagged(move, z, 1), -_lagged(own, z, 1)),
        -(own * z).mean(axis=-1),
        (lows <= -1).mean(axis=-1) - (returns <= -1).mean(axis=-1),
        (highs >= 1).mean(axis=-1) - (returns >= 1).mean(axis=-1),
        (np.maximum.accumulate(level, axis=-1) - level - lows).max(axis=-1),
        (upper - lower).mean(axis=-1) / (ranges.mean(axis=-1) + _LEAST),
        np.abs(2 * (returns - lows) / np.maximum(ranges, _LEAST) - 1).mean(axis=-1),
        (gaps * bodies).mean(axis=-1) / np.sqrt(_power(gaps) * _power(bodies)),
        _lagged(returns, gaps, 1) / np.sqrt(_power(returns) * _power(gaps)),
    ]
    return np.stack(columns, axis=-1)


def memory_moments(days: FloatArray) -> FloatArray:
    """Return moments (…, 1 + lags) of log ranges of days (…, 20, 5): at lag 0, and at each lag.

    Each is the mean product of deviations from the mean of the 20 days. Sums of many windows give
    an autocorrelation.
    """
    width = np.log(np.maximum(days[..., RANGE], _LEAST))
    apart = width - width.mean(axis=-1, keepdims=True)
    return np.stack([(apart**2).mean(axis=-1), *(_lagged(apart, apart, k) for k in LAGS)], axis=-1)


def in_units(days: FloatArray, unit: FloatArray) -> FloatArray:
    """Return days (…, 5) in units (…) of log returns."""
    found = days / unit[..., None]
    found[..., VARIANCE] /= unit
    return found


def shuffled(values: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return values (n, m, parts) with the m of each n in another order."""
    order = rng.permuted(np.tile(np.arange(values.shape[1]), (len(values), 1)), axis=1)
    return np.take_along_axis(values, order[..., None], axis=1)


def _standardised(values: FloatArray) -> FloatArray:
    centred = values - values.mean(axis=-1, keepdims=True)
    return np.asarray(centred / (values.std(axis=-1, keepdims=True) + _TINY))


def _lagged(one: FloatArray, other: FloatArray, lag: int) -> FloatArray:
    """Return the mean product of a day (…, 20) of one and a later day of the other."""
    return np.asarray((one[..., :-lag] * other[..., lag:]).mean(axis=-1))


def _power(values: FloatArray) -> FloatArray:
    return np.asarray((values**2).mean(axis=-1) + _TINY)
