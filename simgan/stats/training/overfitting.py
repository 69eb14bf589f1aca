"""Did a training over-fit? Scores on held-out data, and the validation score since its best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata
from scipy.stats import t as student

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.stats.training.movement import autocorrelation

SIZE = 0.01  # chance of a false alarm of either
_FEWEST = 5


@dataclass(frozen=True)
class Gap:
    """Difference between the critic's D on training data and on held-out data.

    Attributes
    ----------
    value, low, high : float
        Mean of D on training data less the mean on held-out real data, and the 98 % interval.
    auc : float
        Chance that a training point scores higher than a held-out one. It is .5 if the critic
        cannot tell them apart.
    """

    value: float
    low: float
    high: float
    auc: float

    @property
    def is_over_fitted(self) -> bool:
        """Whether the critic separates training from held-out data: the interval is above 0."""
        return self.low > 0


@dataclass(frozen=True)
class Rise:
    """Increase of the validation score since its best.

    Attributes
    ----------
    value, low : float
        Mean difference of the last scores to the best ones, and its lower bound.
    best : int
        Index of the best check.
    """

    value: float
    low: float
    best: int

    @property
    def is_over_fitted(self) -> bool:
        """Whether the score has risen significantly."""
        return self.low > 0


def gap(train: AnyFloatArray, held_out: AnyFloatArray) -> Gap:
    """Compare D on training data with D on held-out real data, by Welch's test.

    Parameters
    ----------
    train, held_out : arrays of shape (n,) and (m,)
        D of independent points, at least five each. Any score works that is high for real.

    Raises
    ------
    ConfigError
        A sample is too small or a value is not finite.

    Notes
    -----
    The chance of a false alarm is 1 % (one-sided) if both samples have one law. Held-out years that
    differ from the training years also make a gap.

    References
    ----------
    Welch (1947), "The generalization of Student's problem when several different population
    variances are involved".
    """
    for name, values in (("train", train), ("held_out", held_out)):
        expect_shape(values, ("values",), f"gap: {name}")
        expect_finite(values, f"gap: {name}")
        if values.size < _FEWEST:
            raise ConfigError("gap", name, f"{values.size} values", f"at least {_FEWEST}")
    a, b = np.asarray(train, np.float64), np.asarray(held_out, np.float64)
    parts = np.array([a.var(ddof=1) / a.size, b.var(ddof=1) / b.size])
    value, auc = float(a.mean() - b.mean()), _auc(a, b)
    if not parts.sum() > 0:
        return Gap(value, value, value, auc)
    freedom = parts.sum() ** 2 / (parts[0] ** 2 / (a.size - 1) + parts[1] ** 2 / (b.size - 1))
    half = float(student.ppf(1 - SIZE, freedom) * np.sqrt(parts.sum()))
    return Gap(value, value - half, value + half, auc)


def rise(checks: Sequence[FloatArray]) -> Rise:
    r"""Compare the last validation with the best one, day by day.

    .. math:: \bar d - t_{1 - .01 / (k - 1)} \frac{s_d}{\sqrt{n_e}}, \qquad
        n_e = n \frac{1 - r}{1 + r}

    with d the differences of the daily scores, r their lag-1 autocorrelation and k the number of
    checks. The level is divided by k − 1 because the best check was selected.

    Parameters
    ----------
    checks : sequence of arrays of shape (days,)
        Daily scores of every check in order, at least one. Low scores are good.
    """
    best = int(np.argmin([scores.mean() for scores in checks]))
    differences = checks[-1] - checks[best]
    if not differences.any():
        return Rise(0.0, 0.0, best)
    r = autocorrelation(differences - differences.mean())
    size = max(differences.size * (1 - r) / (1 + r), 2.0)
    error = differences.std(ddof=1) / np.sqrt(size)
    value, quantile = float(differences.mean()), 1 - SIZE / max(len(checks) - 1, 1)
    return Rise(value, float(value - student.ppf(quantile, size - 1) * error), best)


def _auc(a: FloatArray, b: FloatArray) -> float:
    """P(a > b) + P(a = b) / 2, by ranks."""
    ranks = rankdata(np.concatenate([a, b]))
    return float((ranks[: a.size].sum() - a.size * (a.size + 1) / 2) / (a.size * b.size))
