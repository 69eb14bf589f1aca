r"""p-values from the law of a statistic in series of the very length, by simulation.

A backtest has few exceedances, and the χ² laws of its statistics hold for many. Under the null the PITs are independent and
uniform, so the law of every statistic can be drawn from: N series of uniforms (days,), N statistics S₁ … S_N, and

.. math:: p = \frac{N\,\hat G(S_0) + 1}{N + 1}, \qquad
   \hat G(S_0) = \frac1N \sum_i \bigl(1\{S_i > S_0\} + 1\{S_i = S_0\}\,1\{U_i \ge U_0\}\bigr),

with independent uniforms U₀ … U_N that break ties: statistics of counts have many. For every N with (N + 1)·size whole, 99 or 999,
the test rejects with exactly that size. The coin has its price: with one or two exceedances, p-values of the same data and
different seeds differ.

References
----------
Dufour (2006), "Monte Carlo tests with nuisance parameters".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simgan.arrays import FloatArray
from simgan.errors import ConfigError
from simgan.seeds import Seed

SIMULATIONS = 999
CHUNK = 1 << 16  # uniforms at a time: what is made of them stays in the cache
TIE = 1e-9  # relative difference below which two statistics are the same: they are sums of the same numbers in another order

Statistic = Callable[
    [FloatArray], FloatArray
]  # uniforms (series, days) → statistics (series,); NaN = cannot be made


def simulated_p_value(
    observed: float, statistic: Statistic, days: int, seed: Seed, simulations: int
) -> float:
    """Share of simulated series with a statistic as large as the observed one, after Dufour.

    Parameters
    ----------
    observed : float
        S₀; large speaks against the null (turn the sign of a statistic that is small then).
    statistic : function from (series, days) to (series,)
        Of independent uniforms, the PITs of a perfect model; series that give NaN are left out, as a test that is conditional on
        something leaves them out.
    days : int
        Length of the series.
    seed : Seed
        Stream ``backtest``.
    simulations : int
        N, at least 19.

    Returns
    -------
    float
        From 1/(N + 1) to 1.
    """
    rng = seed.stream("backtest")
    rows = max(1, CHUNK // days)
    drawn = np.concatenate(
        [
            statistic(rng.random((min(rows, simulations - i), days)))
            for i in range(0, simulations, rows)
        ]
    )
    drawn = drawn[~np.isnan(drawn)]
    coins = rng.random(drawn.size + 1)
    same = np.abs(drawn - observed) <= TIE * max(1.0, abs(observed))
    beyond = np.where(same, coins[1:] >= coins[0], drawn > observed)
    return float((np.count_nonzero(beyond) + 1) / (drawn.size + 1))


def expect_simulations(owner: str, simulations: int) -> None:
    """Refuse numbers of simulations below 19, with which nothing can be rejected at 5 %."""
    if simulations < 19:
        raise ConfigError(owner, "simulations", simulations, "at least 19; 999 is good")
