"""The parts of VaR and ES that come from the assets of a book, with their Monte Carlo errors."""

from __future__ import annotations

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray
from simgan.risk.measures import RiskEstimate, risk_of
from simgan.risk.portfolio import LocalLine, tail_weights


def components(
    losses: AnyFloatArray, level: float, probabilities: FloatArray | None = None
) -> tuple[RiskEstimate, ...]:
    r"""Divide VaR and ES of the loss L = Σ Lₐ among the assets, after Euler.

    .. math:: \mathrm{VaR}_a = m_a(\mathrm{VaR}), \qquad m_a(x) = E[L_a \mid L = x], \qquad
       \mathrm{ES}_a = E[L_a \mid L > \mathrm{VaR}]

    m is estimated by a local-linear regression, as in `simgan.risk.portfolio.risk_contributions`.
    The error of the part of the ES is that of the mean of its influence function. It holds the
    uncertainty of the VaR beyond which the tail begins:

    .. math:: \psi_i = \frac{(L_{a,i} - \mathrm{VaR}_a)\, 1\{L_i > \mathrm{VaR}\}}{1 -
       \mathrm{level}} - (\mathrm{ES}_a - \mathrm{VaR}_a), \qquad
       \mathrm{error}^2 = \sum_i p_i^2 \psi_i^2

    For equal probabilities this is (Var(Lₐ | tail) + level (ESₐ − VaRₐ)²) / (n (1 − level)). The
    error of the part of the VaR is that of the regression at a point, and that of the point:

    .. math:: \mathrm{error}^2 = \sum_i w_i^2 (L_{a,i} - m_a(L_i))^2
       + m_a'(\mathrm{VaR})^2\, \mathrm{error}(\mathrm{VaR})^2

    Parameters
    ----------
    losses : array of shape (paths, assets)
        Loss of each asset, with its weight, over the horizon. They add up to that of the book.
    level : float
        Coverage.
    probabilities : array of shape (paths,), optional
        Of the scenarios. Without them all are equally probable.

    Returns
    -------
    tuple of RiskEstimate
        A part for each asset. The sums of the parts are VaR and ES of the book.

    Raises
    ------
    ConfigError
        As for `simgan.risk.measures.risk_of`.

    References
    ----------
    Tasche (2000), "Risk contributions and performance measurement". Serfling (1980),
    "Approximation theorems of mathematical statistics".
    """
    total = losses.sum(axis=1, dtype=np.float64)
    whole = risk_of(-total, level, probabilities)
    p = np.full(len(total), 1 / len(total)) if probabilities is None else probabilities
    tail = tail_weights(total, p, whole.value_at_risk, level)
    line = LocalLine.at(whole.value_at_risk, total, p)

    def part(own: FloatArray) -> RiskEstimate:
        at, slope, beyond = float(line.value @ own), float(line.slope @ own), float(tail @ own)
        apart = own - at - slope * (total - whole.value_at_risk)
        return RiskEstimate(
            level,
            at,
            beyond,
            float(np.hypot(_norm(line.value * apart), slope * whole.value_at_risk_error)),
            _norm(tail * (own - at) - p * (beyond - at)),
        )

    return tuple(part(column.astype(np.float64)) for column in losses.T)


def _norm(values: FloatArray) -> float:
    return float(np.sqrt(values @ values))
