"""A forecast of volatility that is learned on one set of returns and tested on another.

This is "train on synthetic, test on real" (TSTR). The forecast is a linear regression on the
volatility of the last day, week and month, and on the falls in them: HAR with leverage. It
forecasts absolute returns. A few extreme days would decide about squares.

References
----------
Esteban, Hyland & Rätsch (2017), "Real-valued (medical) time series generation with recurrent
conditional GANs": TSTR.

Corsi (2009), "A simple approximate long-memory model of realized volatility": HAR.

Corsi & Renò (2012), "Discrete-time volatility forecasting with persistent leverage effect and the
link with continuous-time volatility modeling": HAR with leverage.

Forsberg & Ghysels (2007), "Why do absolute returns predict volatility so well?"
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.errors import ConfigError
from simgan.stats.moments import sums
from simgan.stats.windows import FOLDS, time_folds

PAST = (1, 5, 22)  # days: a day, a week, a month
_CHUNK = 1 << 17  # days that are regressed at a time: 8 MB of regressors
_ROUNDING = 1e-18  # squared error over squared outcome, below which the error is rounding


def fewest_days(steps: int) -> int:
    """Days of a path that hold one forecast over `steps` days and its outcome."""
    return PAST[-1] + steps


def learn(paths: AnyFloatArray, steps: int) -> FloatArray:
    r"""Learn the forecast by least squares on all paths together.

    .. math:: \frac1h \sum_{u=1}^h |r_{t+u}| = c + \sum_{n \in \{1, 5, 22\}} \Big(
       \frac{\beta_n}{n} \sum_{u=0}^{n-1} |r_{t-u}| + \frac{\gamma_n}{n} \sum_{u=0}^{n-1}
       \min(r_{t-u}, 0) \Big) + \varepsilon_t

    Parameters
    ----------
    paths : array of shape (paths, horizon) or (days,)
        Log returns.
    steps : int
        h. The horizon is at least 22 + h.

    Returns
    -------
    array of shape (7,)
        Constant, coefficients of absolute returns, and coefficients of falls.
    """
    size = 1 + 2 * len(PAST)
    products, moments = np.zeros((size, size)), np.zeros(size)
    for chunk in _chunks(paths, steps):
        past, ahead = _regression(chunk, steps)
        products += past.T @ past
        moments += past.T @ ahead
    return np.asarray(np.linalg.lstsq(products, moments)[0], np.float64)


def excess_loss(real: AnyFloatArray, coefficients: FloatArray, steps: int) -> float:
    """Return by how much the squared error exceeds that of the best linear forecast, as a share.

    The best one has learned on the very days of the test, so the result is never negative. It is 0
    where the best one makes no error.

    Parameters
    ----------
    real : array of shape (days,)
        Log returns to forecast, at least 22 + `steps` days.
    coefficients : array of shape (7,)
        From `learn`, with the same `steps`.
    """
    past, ahead = _of_one(real, steps)
    return _excess(ahead - past @ coefficients, past, ahead)


def excess_loss_of_folds(real: AnyFloatArray, steps: int, folds: int = FOLDS) -> float:
    """Return the same for a forecast that is learned on real days, but not on those of the test.

    Each fold is a block of time. Days whose forecast or outcome touches the block are left out of
    the learning. This is "train on real, test on real".
    """
    past, ahead = _of_one(real, steps)
    errors = np.empty(len(ahead))
    for far, block in time_folds(len(ahead), folds, fewest_days(steps)):
        errors[block] = ahead[block] - past[block] @ _least_squares(past[far], ahead[far])
    return _excess(errors, past, ahead)


def _excess(errors: FloatArray, past: FloatArray, ahead: FloatArray) -> float:
    least = np.mean((ahead - past @ _least_squares(past, ahead)) ** 2)
    if least <= _ROUNDING * np.mean(ahead**2):
        return 0.0
    return max(float(np.mean(errors**2) / least) - 1.0, 0.0)  # rounding could make it negative


def _least_squares(past: FloatArray, ahead: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.lstsq(past.T @ past, past.T @ ahead)[0], np.float64)


def _of_one(real: AnyFloatArray, steps: int) -> tuple[FloatArray, FloatArray]:
    return _regression(np.atleast_2d(real), steps)


def _chunks(paths: AnyFloatArray, steps: int) -> Iterator[AnyFloatArray]:
    values = np.atleast_2d(paths)
    rows = max(1, _CHUNK // values.shape[1])
    for first in range(0, len(values), rows):
        yield values[first : first + rows]


def _regression(paths: AnyFloatArray, steps: int) -> tuple[FloatArray, FloatArray]:
    """Return regressors (forecasts, 7) and outcomes (forecasts,) of paths (paths, horizon)."""
    values = np.asarray(paths, np.float64)
    if values.shape[1] < fewest_days(steps):
        raise ConfigError(
            "volatility forecast",
            "horizon",
            values.shape[1],
            f"at least {fewest_days(steps)} days for a forecast over {steps}",
        )
    size, falls = np.abs(values), np.minimum(values, 0.0)
    n = values.shape[1] - fewest_days(steps) + 1
    columns = [np.ones((len(values), n))]
    for part in (size, falls):
        columns += [sums(part, days)[:, PAST[-1] - days :][:, :n] / days for days in PAST]
    ahead = sums(size, steps)[:, PAST[-1] :] / steps
    return np.stack(columns, axis=-1).reshape(-1, len(columns)), ahead.ravel()
