"""Memory of returns: autocorrelation of r, |r| and r², leverage, and distances of such curves.

Conventions, the same for real and fake:

- Estimators are the biased ones (divisor T at every lag), with mean and variance of the whole path.
- A set of paths gives the mean of the curves of its paths, never the curve of pooled paths.
- Subtracting a path's own mean biases each curve by O(1/T). Compare paths of equal length only
  (`simgan.stats.moments.windows`).
- Scores: the ACF score is the root mean square over lags 1…250 of real − fake. The
  leverage score is the L2 *norm* over lags 1…250, as in Quant GANs (Wiese et al. 2020). The root
  mean square of `leverage_rms` is over lags 1…20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite
from simgan.errors import ConfigError

Transform = Callable[[FloatArray], FloatArray]

TRANSFORMS: Mapping[str, Transform] = MappingProxyType(
    {"r": np.positive, "|r|": np.abs, "r²": np.square}
)
CHUNK = 1 << 20  # numbers transformed at a time: bounds the memory of the Fourier transforms


def autocorrelation(paths: AnyFloatArray, max_lag: int) -> FloatArray:
    r"""Mean over paths of the autocorrelation at lags 1 … `max_lag`.

    .. math:: \hat\rho(k) = \frac{\sum_{t=1}^{T-k} (x_t - \bar x)(x_{t+k} - \bar x)}
       {\sum_{t=1}^T (x_t - \bar x)^2}

    Parameters
    ----------
    paths : array of shape (paths, horizon) or (days,)
        Log returns, or a transform of them (`TRANSFORMS`).
    max_lag : int
        From 1 to horizon − 1.

    Returns
    -------
    array of shape (max_lag,)

    Raises
    ------
    ConfigError
        The lag does not fit, a value is not finite, or a path is constant.
    """
    return _mean_correlation(paths, max_lag, np.positive, np.positive)


def leverage(paths: AnyFloatArray, max_lag: int) -> FloatArray:
    r"""Mean over paths of corr(r_t, r²_{t+k}) at lags k = 1 … `max_lag`.

    Negative where falls are followed by volatility.

    Parameters
    ----------
    paths : array of shape (paths, horizon) or (days,)
        Log returns.
    max_lag : int
        From 1 to horizon − 1.

    Returns
    -------
    array of shape (max_lag,)

    Raises
    ------
    ConfigError
        The lag does not fit, a value is not finite, or a path or its square is constant.

    References
    ----------
    Wiese, Knobloch, Korn & Kretschmer (2020), "Quant GANs: deep generation of financial time
    series".
    """
    return _mean_correlation(paths, max_lag, np.positive, np.square)


def root_mean_square(real: FloatArray, fake: FloatArray) -> float:
    """Root mean square over lags of the difference of two curves of shape (lags,)."""
    return float(np.sqrt(np.mean((real - fake) ** 2)))


def l2_norm(real: FloatArray, fake: FloatArray) -> float:
    """L2 norm over lags of the difference of two curves of shape (lags,)."""
    return float(np.sqrt(np.sum((real - fake) ** 2)))


def acf_score(
    real: AnyFloatArray, fake: AnyFloatArray, transform: Transform = np.abs, max_lag: int = 250
) -> float:
    """Root mean square over lags 1 … `max_lag` of the difference in autocorrelation, 0 at best.

    Parameters
    ----------
    real : array of shape (days,) or (windows, horizon)
        Log returns.
    fake : array of shape (paths, horizon)
        Log returns, as long as the real ones.
    transform : function
        One of `TRANSFORMS`, |r| by default.
    max_lag : int
        250 in Quant GANs.
    """
    return root_mean_square(_curve(real, transform, max_lag), _curve(fake, transform, max_lag))


def leverage_score(real: AnyFloatArray, fake: AnyFloatArray, max_lag: int = 250) -> float:
    """L2 norm over lags 1 … `max_lag` of the difference in leverage (Quant GANs).

    Arguments as for `acf_score`.
    """
    return l2_norm(leverage(real, max_lag), leverage(fake, max_lag))


def leverage_rms(real: AnyFloatArray, fake: AnyFloatArray, max_lag: int = 20) -> float:
    """Root mean square over lags 1 … `max_lag` of the difference in leverage.

    Arguments as for `acf_score`.
    """
    return root_mean_square(leverage(real, max_lag), leverage(fake, max_lag))


def _curve(paths: AnyFloatArray, transform: Transform, max_lag: int) -> FloatArray:
    return _mean_correlation(paths, max_lag, transform, transform)


def _mean_correlation(
    paths: AnyFloatArray, max_lag: int, leading: Transform, lagging: Transform
) -> FloatArray:
    """Average over paths corr(leading(r)_t, lagging(r)_{t+k}), k = 1 … max_lag."""
    values = np.atleast_2d(paths)
    horizon = values.shape[-1]
    if values.ndim != 2 or not 1 <= max_lag < horizon:
        raise ConfigError(
            "dependence",
            "max_lag",
            max_lag,
            f"from 1 to the horizon minus 1, for (paths, horizon); got {values.shape}",
        )
    expect_finite(values, "dependence")
    length = next_fast_len(
        horizon + max_lag, real=True
    )  # enough zeros behind each path that no lag wraps round
    total = np.zeros(max_lag)
    for chunk in _chunks(values):
        ahead = rfft(_standardised(leading(chunk)), length)
        behind = ahead if lagging is leading else rfft(_standardised(lagging(chunk)), length)
        products = irfft(np.conj(ahead) * behind, length)[:, 1 : max_lag + 1]  # Σ_t a_t b_{t+k}
        total += products.sum(axis=0) / horizon
    return np.asarray(total / len(values), np.float64)


def _chunks(values: AnyFloatArray) -> Iterator[FloatArray]:
    rows = max(1, CHUNK // values.shape[1])
    for first in range(0, len(values), rows):
        yield np.asarray(values[first : first + rows], np.float64)


def _standardised(paths: FloatArray) -> FloatArray:
    centred = paths - paths.mean(axis=1, keepdims=True)
    deviation = np.sqrt(np.mean(centred**2, axis=1, keepdims=True))
    if not (deviation > 1e-12 * np.abs(paths).max(axis=1, keepdims=True)).all():
        raise ConfigError("dependence", "paths", "a path without variation", "paths that vary")
    return np.asarray(centred / deviation, np.float64)
