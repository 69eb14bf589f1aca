"""The GJR-GARCH(1,1,1) recursion: filter a history, roll paths forward."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgan.arrays import FloatArray


@dataclass(frozen=True)
class GjrParameters:
    r"""Parameters of r_t = μ + ε_t, ε_t = σ_t z_t, with variance targeting.

    .. math:: \sigma_t^2 = \omega + (\alpha + \gamma\,1\{\varepsilon_{t-1} < 0\})\,\varepsilon_{t-1}^2 + \beta\,\sigma_{t-1}^2,
       \qquad \omega = s^2 (1 - \alpha - \gamma P - \beta)

    Attributes
    ----------
    mean : float
        μ, the sample mean of the log returns.
    variance : float
        s², the sample variance, which is the long-run variance by construction.
    alpha, gamma, beta : float
        News, additional news of a fall, memory.
    degrees_of_freedom : float
        ν of the Student-t innovations, standardised to variance 1.
    negative_share : float
        P = E[z² 1{z < 0}]: 1/2 for a symmetric law.

    References
    ----------
    Glosten, Jagannathan & Runkle (1993), "On the relation between the expected value and the volatility of the nominal excess
    return on stocks"; Engle & Mezrich (1996), "GARCH for groups", for variance targeting.
    """

    mean: float
    variance: float
    alpha: float
    gamma: float
    beta: float
    degrees_of_freedom: float
    negative_share: float = 0.5

    @property
    def persistence(self) -> float:
        """α + γP + β, the factor by which a variance shock decays per day; below 1."""
        return self.alpha + self.gamma * self.negative_share + self.beta

    @property
    def omega(self) -> float:
        """ω, what is left of the long-run variance."""
        return self.variance * (1.0 - self.persistence)


def filtered_variance(parameters: GjrParameters, log_returns: FloatArray) -> FloatArray:
    """Return σ² of every day and of the day after the last, starting from the long-run variance.

    Parameters
    ----------
    log_returns : array of shape (days,)
        The variance of a day uses earlier days only, and nothing of the sample beyond the parameters.

    Returns
    -------
    array of shape (days + 1,)
    """
    from arch.univariate.recursions import garch_recursion

    shocks = np.append(log_returns - parameters.mean, 0.0)  # the last one is not used: σ²_t needs ε_{t−1}
    return np.asarray(
        garch_recursion(
            np.array([parameters.omega, parameters.alpha, parameters.gamma, parameters.beta]),
            shocks**2,
            np.sign(shocks),
            np.empty(shocks.size),
            1,
            1,
            1,
            shocks.size,
            parameters.variance,
            np.tile([0.0, np.finfo(np.float64).max], (shocks.size, 1)),  # arch's guards are for its optimiser: never bind
        ),
        np.float64,
    )


def roll(parameters: GjrParameters, variance: FloatArray, innovations: FloatArray) -> FloatArray:
    """Roll paths forward from a variance.

    Parameters
    ----------
    variance : array of shape (paths,)
        σ² of the first step.
    innovations : array of shape (horizon, paths)
        z, standardised.

    Returns
    -------
    array of shape (horizon, paths)
        Log returns.
    """
    shocks = np.empty_like(innovations)
    for step, z in enumerate(innovations):
        shock = np.sqrt(variance) * z
        news = np.where(shock < 0.0, parameters.alpha + parameters.gamma, parameters.alpha)
        variance = parameters.omega + news * shock**2 + parameters.beta * variance
        shocks[step] = shock
    return np.asarray(parameters.mean + shocks, np.float64)
