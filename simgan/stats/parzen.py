"""Parzen-window log-likelihood: how dense generated points lie where real ones are.

A score with history, and with known flaws.

Goodfellow et al. (2014) compared generative models by it, and so did many after them. Theis et al.
(2016), section 3.2, show what it is worth: in many dimensions it is far from the true
log-likelihood however many points are drawn, it can rank models wrongly, and points that repeat the
training set can score above the truth. A bandwidth that may be chosen hides a spread that is too
small: points of N(0, s²) under kernels of σ² = 1 − s² are N(0, 1). In one dimension the estimate is
sound where points are dense. In fat tails a Gaussian kernel is too thin, and a few extreme days
make up much of the mean. So read it beside other statistics, and never alone.

References
----------
Breuleux, Bengio & Vincent (2011), "Quickly generating representative samples from an
RBM-derived process", section 5.

Goodfellow et al. (2014), "Generative adversarial nets", section 5.

Theis, van den Oord & Bethge (2016), "A note on the evaluation of generative models".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import cdist

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite
from simgan.errors import ConfigError

_CELLS = 1 << 19  # kernel values in memory at once: 4 MB, which a cache holds
_GRID = np.log(2.0) * np.arange(-4, 5)  # where log σ is looked for first, about Scott's rule
_TOLERANCE = 0.01  # of log σ: about a maximum the likelihood changes by its square


@dataclass(frozen=True)
class Parzen:
    """A Parzen-window score.

    Attributes
    ----------
    value : float
        Mean log density of the test points, in nats per point. It depends on their units.
    standard_error : float
        Of the mean, taking the test points for independent, and 0 for a single one.
    bandwidth : float
        σ of the kernels, in the units of the points.
    """

    value: float
    standard_error: float
    bandwidth: float


def parzen(test: AnyFloatArray, validation: AnyFloatArray, fake: AnyFloatArray) -> Parzen:
    """Score generated points by the density that kernels about them give to real ones.

    Parameters
    ----------
    test : array of shape (points,) or (points, dimensions)
        Real points that are scored.
    validation : array of the same axes
        Other real points, which choose σ. They are real, as in the paper: generated ones would
        choose a width that fits the generator and not the data.
    fake : array of the same axes
        Generated points, the centres of the kernels. More of them score higher, so compare equal
        numbers.

    Raises
    ------
    ConfigError
        A sample is empty, not finite, of another dimension, or the fake points do not vary.
    """
    bandwidth = best_bandwidth(validation, fake)
    densities = log_densities(test, fake, bandwidth)
    error = densities.std(ddof=1) / np.sqrt(densities.size) if densities.size > 1 else 0.0
    return Parzen(float(densities.mean()), float(error), bandwidth)


def log_densities(points: AnyFloatArray, centres: AnyFloatArray, bandwidth: float) -> FloatArray:
    r"""Log density of each point under the mean of Gaussian kernels about the centres.

    One σ serves all kernels and all directions.

    .. math:: \log \hat p(x) = \log \frac1m \sum_j \exp\frac{-|x - c_j|^2}{2σ^2}
       - \frac d2 \log 2πσ^2

    Parameters
    ----------
    points, centres : arrays of shape (points,) or (points, dimensions)
    bandwidth : float
        σ, above 0.

    Returns
    -------
    array of shape (points,)
        Finite however far a point lies from all centres. Memory does not grow with the number of
        points.

    Raises
    ------
    ConfigError
        As for `parzen`, or σ is not positive.
    """
    x, c = _as_points(points), _as_points(centres)
    if x.shape[1] != c.shape[1]:
        raise ConfigError(
            "log_densities",
            "dimensions",
            (x.shape[1], c.shape[1]),
            "the same for points and centres",
        )
    if not 0.0 < bandwidth < np.inf:
        raise ConfigError("log_densities", "bandwidth", bandwidth, "above 0")
    rows = max(_CELLS // len(c), 1)
    sums = np.concatenate(
        [
            _log_kernel_sums(x[first : first + rows], c, bandwidth)
            for first in range(0, len(x), rows)
        ]
    )
    return np.asarray(
        sums - np.log(len(c)) - x.shape[1] / 2 * np.log(2.0 * np.pi * bandwidth**2), np.float64
    )


def best_bandwidth(validation: AnyFloatArray, centres: AnyFloatArray) -> float:
    """Return the likeliest σ for the validation points, from 1/16 to 16 times Scott's rule.

    The lower end is reached where centres repeat validation points: the likelihood of a copy grows
    without bound as σ goes to 0.

    References
    ----------
    Scott (1992), "Multivariate density estimation", equation 6.42: σ = spread · m^(−1/(d + 4)).
    """
    points = _as_points(centres)
    spread = np.sqrt(points.var(axis=0).mean())
    if not spread > 0.0:
        raise ConfigError(
            "parzen", "fake", f"{len(points)} points without variation", "points that vary"
        )
    logs = np.log(spread * len(points) ** (-1.0 / (points.shape[1] + 4))) + _GRID

    def loss(log_bandwidth: float) -> float:
        return -float(log_densities(validation, points, np.exp(log_bandwidth)).mean())

    best = int(np.argmin([loss(log) for log in logs]))
    between = (logs[max(best - 1, 0)], logs[min(best + 1, logs.size - 1)])
    return float(
        np.exp(
            minimize_scalar(loss, bounds=between, method="bounded", options={"xatol": _TOLERANCE}).x
        )
    )


def _log_kernel_sums(points: FloatArray, centres: FloatArray, bandwidth: float) -> FloatArray:
    """Log of the sum of exp(−distance²/2σ²) over the centres, the largest term taken out first."""
    exponents = cdist(points, centres, "sqeuclidean")
    exponents *= -0.5 / bandwidth**2
    largest = exponents.max(axis=1, keepdims=True)
    exponents -= largest
    return np.asarray(
        largest[:, 0] + np.log(np.exp(exponents, out=exponents).sum(axis=1)), np.float64
    )


def _as_points(values: AnyFloatArray) -> FloatArray:
    """Return points of shape (points, dimensions)."""
    if values.ndim not in (1, 2) or values.size == 0:
        raise ConfigError(
            "parzen", "shape", values.shape, "(points,) or (points, dimensions), none of them 0"
        )
    expect_finite(values, "parzen")
    return np.asarray(values, np.float64).reshape(len(values), -1)
