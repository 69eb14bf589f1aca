"""Proper scores of forecasts, one number per day, low is good.

Their mean over days ranks models.
"""

from __future__ import annotations

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.risk.returns import unequal_probabilities

CHUNK = 1 << 22  # draws sorted at a time: bounds the memory


def crps(
    scenarios: AnyFloatArray, realized: AnyFloatArray, probabilities: AnyFloatArray | None = None
) -> FloatArray:
    r"""Continuous ranked probability score per day, by the fair estimator.

    .. math:: \frac1m \sum_i |x_i - y| - \frac{1}{2 m (m-1)} \sum_{i,j} |x_i - x_j|

    Fair: its expectation is the score of the law behind the draws, for every m ≥ 2. With m² in the
    second term a model would be punished for few draws. Under probabilities p it is

    .. math:: \sum_i p_i |x_i - y| - \frac{1}{2 (1 - \sum_k p_k^2)} \sum_{i,j} p_i p_j |x_i - x_j|,

    which has the right expectation wherever p does not depend on the draws, for the pairs of
    different draws carry 1 − Σp² of the probability. At p = 1/m it is the first formula. Weights
    that were computed from the draws (views, importance) leave a bias of the order of Σp², as in
    every self-normalised mean.

    Parameters
    ----------
    scenarios : array of shape (days, draws)
        Draws from each day's forecast law. At least two a day.
    realized : array of shape (days,)
        Outcomes, in the same units.
    probabilities : array of shape (draws,), optional
        Of the draws, the same every day. Not negative, of sum 1.

    Returns
    -------
    array of shape (days,)
        In the units of the draws. Single days can be slightly negative.

    Raises
    ------
    ConfigError
        Shapes disagree, there is one draw only (or one alone has all the probability), or a value
        is not finite.

    References
    ----------
    Gneiting & Raftery (2007), "Strictly proper scoring rules, prediction, and estimation". Ferro
    (2014), "Fair scores for
    ensemble forecasts".
    """
    expect_shape(scenarios, ("days", "draws"), "crps")
    days, draws = scenarios.shape
    if realized.shape != (days,) or draws < 2:
        raise ConfigError(
            "crps",
            "shapes",
            (scenarios.shape, realized.shape),
            "(days, 2 or more draws) and (days,)",
        )
    expect_finite(scenarios, "crps")
    expect_finite(realized, "crps")
    weights = unequal_probabilities(probabilities, draws, "crps")
    if weights is not None and np.count_nonzero(weights) < 2:
        raise ConfigError(
            "crps", "probabilities", "all on one draw", "positive for two draws at least"
        )
    rows = max(1, CHUNK // draws)
    parts = [
        _fair_crps(scenarios[i : i + rows], realized[i : i + rows], weights)
        for i in range(0, days, rows)
    ]
    return np.concatenate(parts)


def quantile_crps(quantiles: AnyFloatArray, realized: AnyFloatArray) -> FloatArray:
    r"""Continuous ranked probability score per day of a law given by its quantiles.

    .. math:: \frac1m \sum_i |x_i - y| - \frac{1}{2 m^2} \sum_{i,j} |x_i - x_j|
       = \frac2m \sum_i (y - x_{(i)}) (\tfrac{i - 1/2}{m} - 1\{y < x_{(i)}\})

    The right side is the mean quantile score, so that the lowest score is expected where
    :math:`x_{(i)}` is the quantile at (i − ½)/m. The fair `crps` divides by m (m − 1). It would
    reward quantiles that lie too far apart, because these are not independent draws.

    Parameters
    ----------
    quantiles : array of shape (days, m)
        At the probabilities (i − ½)/m, in any order, or a mixture of such laws side by side.
    realized : array of shape (days,)
        Outcomes, in the same units.

    Returns
    -------
    array of shape (days,)
        Not negative, in the units of the quantiles.

    Raises
    ------
    ConfigError
        Shapes disagree, there is one quantile only, or a value is not finite.

    References
    ----------
    Bröcker (2012), "Evaluating raw ensembles with the continuous ranked probability score".
    """
    fair, m = crps(quantiles, realized), quantiles.shape[1]
    distance = np.abs(np.asarray(quantiles, np.float64) - realized[:, None]).mean(axis=1)
    return np.asarray(distance - (distance - fair) * (m - 1.0) / m, np.float64)


def tail_crps(
    scenarios: AnyFloatArray,
    realized: AnyFloatArray,
    threshold: AnyFloatArray | float,
    probabilities: AnyFloatArray | None = None,
) -> FloatArray:
    r"""Threshold-weighted CRPS per day of the left tail alone: returns up to a threshold r.

    .. math:: \int_{-\infty}^{r} (F(z) - 1\{y \le z\})^2 \, dz
       = \mathrm{CRPS}(\min(X, r), \min(y, r))

    Cutting forecast and observation off at r is the chaining function v(z) = min(z, r) of the
    weight 1{z ≤ r}. The right side is therefore estimated as fairly as the CRPS. Proper, unlike the
    CRPS of the days that fell below r.

    Parameters
    ----------
    scenarios, realized, probabilities
        As for `crps`.
    threshold : float or array of shape (days,)
        r in the units of the returns. One that is fixed before the day is known.

    Returns
    -------
    array of shape (days,)
        In the units of the draws.

    Raises
    ------
    ConfigError
        As for `crps`, or the threshold is neither one number nor one a day.

    References
    ----------
    Gneiting & Ranjan (2011), "Comparing density forecasts using threshold- and quantile-weighted
    scoring rules". Allen, Ginsbourger
    & Ziegel (2023), "Evaluating forecasts for high-impact events using transformed kernel scores",
    on chaining functions.
    """
    ceiling = np.asarray(threshold, np.float64)
    if ceiling.shape not in ((), realized.shape):
        raise ConfigError(
            "tail_crps", "shape of the threshold", ceiling.shape, "one number, or one a day"
        )
    expect_finite(ceiling, "tail_crps")
    expect_shape(scenarios, ("days", "draws"), "tail_crps")
    return crps(
        np.minimum(scenarios, ceiling[..., None]), np.minimum(realized, ceiling), probabilities
    )


def fz0(
    value_at_risk: AnyFloatArray,
    expected_shortfall: AnyFloatArray,
    realized: AnyFloatArray,
    tail_probability: float,
) -> FloatArray:
    r"""Score FZ0 of a pair of VaR and ES forecasts per day.

    .. math:: -\frac{1\{y \le v\}(v - y)}{a\, e} + \frac{v}{e} + \log(-e) - 1,
       \qquad v = -\mathrm{VaR},\; e = -\mathrm{ES}

    The difference of two models does not depend on the units, the level of the score does: pass
    everything in percent (log returns × 100) to compare with published numbers.

    Parameters
    ----------
    value_at_risk, expected_shortfall : arrays of shape (days,)
        Forecasts at coverage 1 − a, positive for a loss. The ES must be positive.
    realized : array of shape (days,)
        Outcome: log return, positive = gain, in the same units.
    tail_probability : float in (0, 0.5)
        a, for example 0.05. Not the coverage.

    Returns
    -------
    array of shape (days,)

    Raises
    ------
    ConfigError
        The probability is out of range, shapes disagree, an ES is not positive or lies below its
        VaR, or a value is not finite.

    References
    ----------
    Patton, Ziegel & Chen (2019), "Dynamic semiparametric models for expected shortfall (and
    value-at-risk)".
    """
    if not 0.0 < tail_probability < 0.5:
        raise ConfigError(
            "fz0", "tail_probability", tail_probability, "1 minus the coverage, in (0, 0.5)"
        )
    var, es, y = (
        np.asarray(values, np.float64) for values in (value_at_risk, expected_shortfall, realized)
    )
    _expect_alike("fz0", var, es, y)
    if not ((es > 0.0) & (es >= var)).all():
        raise ConfigError(
            "fz0",
            "expected_shortfall",
            f"{es.min():g} at the least",
            "positive and not below the value at risk, every day",
        )
    excess = np.maximum(-y - var, 0.0)  # 1{y ≤ v}(v − y)
    return np.asarray(excess / (tail_probability * es) + var / es + np.log(es) - 1.0, np.float64)


def pinball(quantile: AnyFloatArray, realized: AnyFloatArray, probability: float) -> FloatArray:
    r"""Score of a quantile forecast per day: (y − q)(p − 1{y < q}).

    Parameters
    ----------
    quantile : array of shape (days,)
        Forecast quantile of the log return, positive = gain (a VaR enters as −VaR with p = 1 −
        level).
    realized : array of shape (days,)
        Outcome: the log return.
    probability : float in (0, 1)
        p, the probability of a value below the quantile.

    Returns
    -------
    array of shape (days,)
        Not negative, in the units of the returns.

    Raises
    ------
    ConfigError
        The probability is out of range, shapes disagree, or a value is not finite.

    References
    ----------
    Koenker & Bassett (1978), "Regression quantiles".
    """
    if not 0.0 < probability < 1.0:
        raise ConfigError("pinball", "probability", probability, "inside (0, 1)")
    q, y = np.asarray(quantile, np.float64), np.asarray(realized, np.float64)
    _expect_alike("pinball", q, y)
    return np.asarray((y - q) * (probability - (y < q)), np.float64)


def _fair_crps(
    scenarios: AnyFloatArray, realized: AnyFloatArray, weights: FloatArray | None
) -> FloatArray:
    draws = np.asarray(scenarios, np.float64)
    if weights is None:
        x, m = np.sort(draws, axis=1), draws.shape[1]
        distance = np.abs(x - realized[:, None]).mean(axis=1)
        ranks = 2.0 * np.arange(1, m + 1) - m - 1.0  # ½ Σ_ij |x_i − x_j| = Σ_i (2i − m − 1) x_(i)
        return np.asarray(distance - x @ ranks / (m * (m - 1.0)), np.float64)
    distance = np.abs(draws - realized[:, None]) @ weights
    order = np.argsort(draws, axis=1)
    x, p = np.take_along_axis(draws, order, axis=1), weights[order]  # (days, draws)
    below = (
        2.0 * np.cumsum(p, axis=1) - p - 1.0
    )  # ½ Σ_ij p_i p_j |x_i − x_j| = Σ_i p_(i) (2 C_i − p_(i) − 1) x_(i)
    return np.asarray(
        distance - (p * below * x).sum(axis=1) / (1.0 - (weights**2).sum()), np.float64
    )


def _expect_alike(owner: str, *series: FloatArray) -> None:
    for values in series:
        expect_shape(values, ("days",), owner)
        expect_finite(values, owner)
    if len({values.shape for values in series}) > 1:
        raise ConfigError(
            owner,
            "shapes",
            [values.shape for values in series],
            "the same number of days everywhere",
        )
