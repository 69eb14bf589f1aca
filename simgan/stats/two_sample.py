"""Tests of a generator by its samples: adequacy, a trained classifier, and memorisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.spatial import cKDTree
from scipy.stats import rankdata

from simgan.arrays import AnyFloatArray, FloatArray, expect_finite, expect_shape
from simgan.errors import ConfigError
from simgan.stats.dependence import autocorrelation, leverage
from simgan.stats.moments import moments, sums
from simgan.stats.tails import hill_tail_index

FOLDS = 5
_LAGS = (1, 2, 5, 10)
_RIDGE = 1.0
FEWEST_PATHS, FEWEST_DAYS = 100, 250
_MEMORY, _LEVERAGE = 100, 20  # lags that are summed


@dataclass(frozen=True)
class ClassifierTest:
    """A classifier two-sample test.

    Attributes
    ----------
    auc : float
        Area under the ROC curve, cross-validated: the probability that a real window scores above a
        generated one. 0.5 = cannot be told.
    folds : int
        Blocks of time that were left out in turn.
    """

    auc: float
    folds: int


def classifier_test(real: AnyFloatArray, fake: AnyFloatArray, folds: int = FOLDS) -> ClassifierTest:
    """Train a classifier to tell real windows from generated ones, and test it on other days.

    Logistic regression with a ridge on features of a window and their squares: mean, log deviation,
    skewness and kurtosis by bounded maps, extremes, autocorrelation of r, |r| and r² at lags 1, 2,
    5 and 10, leverage at 1, ratio of second-half to first-half volatility, range of the path. The
    real windows of a fold are a block of time, so overlapping windows do not meet across folds but
    at its borders. The AUC is that of the scores of all folds, ranked within each.

    Parameters
    ----------
    real : array of shape (windows, days)
        Log returns in the order of time.
    fake : array of shape (windows, days)
        Generated windows, best as many as real ones.
    folds : int
        At least 2.

    Raises
    ------
    ConfigError
        Lengths differ or are below 20 days, too few windows for the folds, or a value is not
        finite.

    References
    ----------
    Lopez-Paz & Oquab (2017), "Revisiting classifier two-sample tests".
    """
    _expect_windows(real, fake, "classifier_test")
    if real.shape[1] < 20 or folds < 2 or min(len(real), len(fake)) < 10 * folds:
        raise ConfigError(
            "classifier_test",
            "windows",
            (real.shape, fake.shape, folds),
            "20 days or more, ten windows a fold of each kind",
        )
    features = [_features(np.asarray(windows, np.float64)) for windows in (real, fake)]
    parts = [np.array_split(np.arange(len(windows)), folds) for windows in (real, fake)]
    areas = []
    for fold in range(folds):
        tested = [own[part[fold]] for own, part in zip(features, parts, strict=True)]
        trained = [
            np.delete(own, part[fold], axis=0) for own, part in zip(features, parts, strict=True)
        ]
        areas.append(_area(*_scores(trained, tested)))
    return ClassifierTest(float(np.mean(areas)), folds)


def memorisation_ratio(
    training: AnyFloatArray, held_out: AnyFloatArray, fake: AnyFloatArray
) -> float:
    """Ratio of two median distances to the nearest training window: generated over held out.

    Windows are standardised each by its own mean and deviation, so that calm and wild ones count
    alike. About 1 is right. Near 0 is copying.

    Parameters
    ----------
    training, held_out, fake : arrays of shape (windows, days)
        Log returns. The held-out windows share no day with those of the training.

    Raises
    ------
    ConfigError
        Lengths differ, or a value is not finite.
    """
    _expect_windows(training, held_out, "memorisation_ratio")
    _expect_windows(training, fake, "memorisation_ratio")
    tree = cKDTree(_standardised(np.asarray(training, np.float64)))
    real, drawn = (
        tree.query(_standardised(np.asarray(windows, np.float64)))[0]
        for windows in (held_out, fake)
    )
    return float(np.median(drawn) / np.median(real))


def _features(windows: FloatArray) -> FloatArray:
    """Features of each window, shape (windows, features)."""
    centred = windows - windows.mean(axis=1, keepdims=True)
    deviation = np.maximum(windows.std(axis=1, keepdims=True), 1e-12)
    z = centred / deviation
    half, path = windows.shape[1] // 2, np.cumsum(z, axis=1)
    columns = [
        windows.mean(axis=1) / deviation[:, 0],
        np.log(deviation[:, 0]),
        np.arctan((z**3).mean(axis=1)),
        np.log((z**4).mean(axis=1)),
        z.max(axis=1),
        z.min(axis=1),
        np.abs(z).mean(axis=1),
        np.log(
            np.maximum(windows[:, half:].std(axis=1), 1e-12)
            / np.maximum(windows[:, :half].std(axis=1), 1e-12)
        ),
        (path.max(axis=1) - path.min(axis=1)) / np.sqrt(windows.shape[1]),
        (z[:, :-1] * z[:, 1:] ** 2).mean(axis=1),
    ]
    for values in (z, np.abs(z), z**2):
        values = values - values.mean(axis=1, keepdims=True)
        scale = np.maximum((values**2).mean(axis=1), 1e-12)
        columns += [(values[:, :-lag] * values[:, lag:]).mean(axis=1) / scale for lag in _LAGS]
    return np.column_stack(columns)


def _scores(trained: list[FloatArray], tested: list[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """Fit on the first pair of (real, fake) features, score the second."""
    mean, spread = np.concatenate(trained).mean(axis=0), np.concatenate(trained).std(axis=0) + 1e-12

    def design(features: FloatArray) -> FloatArray:
        z = np.clip((features - mean) / spread, -4.0, 4.0)
        return np.column_stack([np.ones(len(z)), z, z**2 - 1.0])

    real, fake = (design(features) for features in trained)

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        up, down = -real @ weights, fake @ weights
        value = np.logaddexp(0, up).mean() + np.logaddexp(0, down).mean()
        slope = -real.T @ _logistic(up) / len(real) + fake.T @ _logistic(down) / len(fake)
        ridge = np.where(np.arange(weights.size) > 0, _RIDGE / (len(real) + len(fake)), 0.0)
        return float(value + ridge @ weights**2), slope + 2 * ridge * weights

    weights = minimize(loss, np.zeros(real.shape[1]), jac=True, method="L-BFGS-B").x
    return design(tested[0]) @ weights, design(tested[1]) @ weights


def _logistic(values: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-np.logaddexp(0, -values)))


def _area(real: FloatArray, fake: FloatArray) -> float:
    """Mann-Whitney estimate of P(real score > fake score)."""
    ranks = rankdata(np.concatenate([real, fake]))[: len(real)]
    return float((ranks.sum() - len(real) * (len(real) + 1) / 2) / (len(real) * len(fake)))


def _standardised(windows: FloatArray) -> FloatArray:
    centred = windows - windows.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(windows.std(axis=1, keepdims=True), 1e-12), np.float64)


def _expect_windows(one: AnyFloatArray, other: AnyFloatArray, owner: str) -> None:
    for windows in (one, other):
        expect_shape(windows, ("windows", "days"), owner)
        expect_finite(windows, owner)
    if one.shape[1] != other.shape[1] or not len(one) or not len(other):
        raise ConfigError(owner, "shapes", (one.shape, other.shape), "windows of one length")


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
