"""Proper scores of joint forecasts: the energy score and the variogram score."""

from __future__ import annotations

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite
from simgan.errors import ConfigError, Words


def energy_score(draws: AnyFloatArray, realized: AnyFloatArray) -> float:
    r"""Return the energy score of a vector of returns, low is good.

    .. math:: ES = E|X - y| - \tfrac12 E|X - X'|

    The second mean is over pairs of different draws, so that the score is fair to few. It sees
    wrong margins well, and wrong dependence hardly.

    Parameters
    ----------
    draws : array of shape (n, assets)
        Draws X of the forecast, at least 2.
    realized : array of shape (assets,)
        The outcome y.

    Raises
    ------
    ConfigError
        Shapes disagree, or a value is not finite.

    References
    ----------
    Gneiting & Raftery (2007), "Strictly proper scoring rules, prediction, and estimation",
    section 4.3.

    Examples
    --------
    >>> energy_score(np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([1.0, 0.0]))
    0.0
    """
    drawn, outcome = _checked(draws, realized, "energy_score")
    near = np.sqrt(np.square(drawn - outcome).sum(axis=1)).mean()
    products = drawn @ drawn.T
    squares = np.diag(products)
    apart = np.sqrt(np.maximum(squares[:, None] + squares - 2 * products, 0))
    np.fill_diagonal(apart, 0)
    n = len(drawn)
    return float(near - 0.5 * apart.sum() / (n * (n - 1)))


def variogram_score(draws: AnyFloatArray, realized: AnyFloatArray, power: float = 0.5) -> float:
    r"""Return the variogram score of a vector of returns, low is good.

    .. math:: VS_p = \sum_{i < j} \bigl(|y_i - y_j|^p - E|X_i - X_j|^p\bigr)^2

    It sees wrong correlations, which the energy score hardly does. It does not see a shift of all
    assets.

    Parameters
    ----------
    draws : array of shape (n, assets)
        Draws X of the forecast, at least 2.
    realized : array of shape (assets,)
        The outcome y.
    power : float
        p, above 0.

    Raises
    ------
    ConfigError
        Shapes disagree, a value is not finite, or the power is not above 0.

    References
    ----------
    Scheuerer & Hamill (2015), "Variogram-based proper scoring rules for probabilistic forecasts of
    multivariate quantities".

    Examples
    --------
    >>> variogram_score(np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([0.0, 4.0]))
    1.0
    """
    if not power > 0:
        raise ConfigError("variogram_score", "power", power, "above 0")
    drawn, outcome = _checked(draws, realized, "variogram_score")
    rows, columns = np.triu_indices(drawn.shape[1], 1)
    expected = np.power(np.abs(drawn[:, rows] - drawn[:, columns]), power).mean(axis=0)
    found = np.power(np.abs(outcome[rows] - outcome[columns]), power)
    return float(np.square(found - expected).sum())


def _checked(
    draws: AnyFloatArray, realized: AnyFloatArray, owner: str
) -> tuple[FloatArray, FloatArray]:
    drawn, outcome = np.asarray(draws, np.float64), np.asarray(realized, np.float64)
    if drawn.ndim != 2 or len(drawn) < 2 or outcome.shape != drawn.shape[1:]:
        found = Words(f"{drawn.shape} and {outcome.shape}")
        raise ConfigError(owner, "shapes", found, "(n, assets), n at least 2, and (assets,)")
    expect_finite(drawn, owner)
    expect_finite(outcome, owner)
    return drawn, outcome
