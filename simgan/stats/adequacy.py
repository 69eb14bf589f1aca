"""Adequacy of a generator: seventeen statistics of the history among those of its paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.stats.dependence import autocorrelation, leverage
from simgan.stats.moments import moments, sums
from simgan.stats.tails import hill_tail_index

FEWEST_PATHS, FEWEST_DAYS = 100, 250
_MEMORY, _LEVERAGE = 100, 20  # lags that are summed


@dataclass(frozen=True)
class Adequacy:
    """p-values of the real statistics among those of generated paths.

    Attributes
    ----------
    p_values : mapping
        Two-sided, by name of the statistic.
    rejected : tuple of str
        Those that Holm's procedure rejects at the size.
    size : float
        Probability of any rejection of a right model.
    """

    p_values: Mapping[str, float]
    rejected: tuple[str, ...]
    size: float

    @property
    def passed(self) -> int:
        """Statistics that are not rejected."""
        return len(self.p_values) - len(self.rejected)


def statistics(path: AnyFloatArray) -> dict[str, float]:
    """Return the seventeen statistics of a path of log returns, shape (days,), 250 days at least.

    Standard deviation, skewness and excess kurtosis. Hill exponents of losses and gains (5 %). Mean
    of the worst 1 % over 1 and 10 days (negative). Maximum drawdown of the log price.
    Autocorrelation of |r| at 1, 5, 20, 50, 100 and summed over 1-100. Leverage at 1 and summed over
    1-20. Excess kurtosis of 20-day sums.
    """
    daily, memory, turn = (
        moments(path),
        autocorrelation(np.abs(path), _MEMORY),
        leverage(path, _LEVERAGE),
    )
    wealth = np.concatenate([[0.0], np.cumsum(path, dtype=np.float64)])
    return {
        "standard deviation": daily.standard_deviation,
        "skewness": daily.skewness,
        "excess kurtosis": daily.excess_kurtosis,
        "Hill, losses": hill_tail_index(-np.asarray(path, np.float64)).value,
        "Hill, gains": hill_tail_index(np.asarray(path, np.float64)).value,
        "worst 1 % of days": _worst(sums(path, 1)),
        "worst 1 % of 10 days": _worst(sums(path, 10)),
        "maximum drawdown": float((np.maximum.accumulate(wealth) - wealth).max()),
        **{f"ACF of |r| at {lag}": float(memory[lag - 1]) for lag in (1, 5, 20, 50, 100)},
        "ACF of |r|, sum 1-100": float(memory.sum()),
        "leverage at 1": float(turn[0]),
        "leverage, sum 1-20": float(turn.sum()),
        "excess kurtosis of 20 days": moments(sums(path, 20)).excess_kurtosis,
    }


def adequacy(real: AnyFloatArray, fake: AnyFloatArray, size: float = 0.05) -> Adequacy:
    r"""Place each statistic of the real history among those of generated paths of its length.

    .. math:: p = \min\Big(1, \frac{2 \min(1 + \#\{s_i \le s\},\; 1 + \#\{s_i \ge s\})}{n + 1}\Big)

    Parameters
    ----------
    real : array of shape (days,)
        Log returns of at least 250 days.
    fake : array of shape (paths, days)
        100 paths or more, of the same length. With n paths no p-value is below 2/(n + 1), so n =
        1,000 can reject one of seventeen.
    size : float in (0, 1)
        For Holm's procedure over all statistics.

    Raises
    ------
    ConfigError
        Lengths differ, too few paths or days, or a value is not finite.

    References
    ----------
    Besag & Clifford (1989), "Generalized Monte Carlo significance tests". Holm (1979), "A simple
    sequentially rejective multiple test
    procedure".
    """
    expect_shape(real, ("days",), "adequacy")
    expect_shape(fake, ("paths", "days"), "adequacy")
    expect_finite(real, "adequacy")
    expect_finite(fake, "adequacy")
    if fake.shape[1] != real.size or len(fake) < FEWEST_PATHS or real.size < FEWEST_DAYS:
        raise ConfigError(
            "adequacy",
            "shapes",
            (real.shape, fake.shape),
            "100 paths or more of the length of the history, 250 days or more",
        )
    if not 0.0 < size < 1.0:
        raise ConfigError("adequacy", "size", size, "between 0 and 1")
    of_paths = [statistics(path) for path in fake]
    drawn = {name: np.array([found[name] for found in of_paths]) for name in of_paths[0]}
    p_values = {name: _two_sided(value, drawn[name]) for name, value in statistics(real).items()}
    return Adequacy(p_values, _holm(p_values, size), size)


def _worst(values: FloatArray) -> float:
    return float(np.sort(values)[: max(1, values.size // 100)].mean())


def _two_sided(value: float, drawn: FloatArray) -> float:
    below, above = 1 + np.count_nonzero(drawn <= value), 1 + np.count_nonzero(drawn >= value)
    return float(min(1.0, 2 * min(below, above) / (drawn.size + 1)))


def _holm(p_values: Mapping[str, float], size: float) -> tuple[str, ...]:
    from statsmodels.stats.multitest import multipletests

    is_rejected = multipletests(list(p_values.values()), alpha=size, method="holm")[0]
    rejected = [name for name, rejects in zip(p_values, is_rejected, strict=True) if rejects]
    return tuple(sorted(rejected, key=lambda name: p_values[name]))
