"""Classifier two-sample tests: a classifier learns to tell real windows from generated ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from simgan.arrays import (
    AnyFloatArray,
    Float32Array,
    FloatArray,
    IntArray,
)
from simgan.errors import ConfigError
from simgan.stats.windows import FOLDS, Windows, expect_windows, time_folds

SHORTEST = 20  # days of a window
_LAGS = (1, 2, 5, 10)
_RIDGE = 1.0
_NEWTON_STEPS, _SMALL = 30, 1e-4
_WIDTH = 9  # days that a kernel weighs
_THRESHOLDS = (0.5, 1.5)  # in deviations of the output for independent days
_LEVELS = (-0.8, 0.0, 0.8, 1.6)  # of the mean size of nine days, in the same unit
_MEAN_SIZE = 0.72  # of a day in standard deviations, near that of a fat-tailed law


@dataclass(frozen=True)
class ClassifierTest:
    """A classifier two-sample test.

    Attributes
    ----------
    auc : float
        Area under the ROC curve, cross-validated: the probability that a real window scores above a
        generated one. 0.5 = cannot be told. Far below it, generated windows are copies of real
        ones: the classifier has seen them under the other label.
    folds : int
        Blocks of time that were left out in turn.
    """

    auc: float
    folds: int


def classifier_test(
    real: AnyFloatArray, fake: AnyFloatArray, folds: int = FOLDS, overlap: int = 0
) -> ClassifierTest:
    """Train a classifier to tell real windows from generated ones, and test it on other days.

    Logistic regression with a ridge on the features of `window_features` and their squares. The
    real windows of a fold are a block of time. The AUC is the mean over the folds.

    Parameters
    ----------
    real : array of shape (windows, days)
        Log returns in the order of time.
    fake : array of shape (windows, days)
        Generated windows, best as many as real ones.
    folds : int
        At least 2.
    overlap : int
        Real windows after a window that share days with it. As many on both sides of a fold are
        left out of its training. Otherwise the classifier has seen days of the fold.

    Raises
    ------
    ConfigError
        Lengths differ or are below 20 days, too few windows for the folds, or a value is not
        finite.

    References
    ----------
    Lopez-Paz & Oquab (2017), "Revisiting classifier two-sample tests".
    """
    expect_windows(real, fake, "classifier_test")
    if real.shape[1] < SHORTEST or folds < 2 or min(len(real), len(fake)) < 10 * folds:
        raise ConfigError(
            "classifier_test",
            "windows",
            (real.shape, fake.shape, folds),
            "20 days or more, ten windows a fold of each kind",
        )
    ours, theirs = (window_features(np.asarray(windows, np.float64)) for windows in (real, fake))
    return ClassifierTest(logistic_auc(ours, theirs, folds, overlap), folds)


def window_features(windows: FloatArray) -> FloatArray:
    """Return features of each window, shape (windows, features).

    Mean, log deviation, skewness and kurtosis by bounded maps, and extremes. Autocorrelation of r,
    |r| and r² at lags 1, 2, 5 and 10, and leverage at 1. Ratio of second-half to first-half
    volatility, and the range of the path.
    """
    centred = windows - windows.mean(axis=1, keepdims=True)
    deviation = np.maximum(windows.std(axis=1, keepdims=True), 1e-12)
    z = centred / deviation
    half, path = windows.shape[1] // 2, np.cumsum(z, axis=1)
    size, square = np.abs(z), z**2
    columns = [
        windows.mean(axis=1) / deviation[:, 0],
        np.log(deviation[:, 0]),
        np.arctan((z * square).mean(axis=1)),
        np.log(np.maximum((square**2).mean(axis=1), 1e-12)),
        z.max(axis=1),
        z.min(axis=1),
        size.mean(axis=1),
        np.log(
            np.maximum(windows[:, half:].std(axis=1), 1e-12)
            / np.maximum(windows[:, :half].std(axis=1), 1e-12)
        ),
        (path.max(axis=1) - path.min(axis=1)) / np.sqrt(windows.shape[1]),
        (z[:, :-1] * square[:, 1:]).mean(axis=1),
    ]
    for values in (z, size, square):
        values = values - values.mean(axis=1, keepdims=True)
        scale = np.maximum((values**2).mean(axis=1), 1e-12)
        columns += [(values[:, :-lag] * values[:, lag:]).mean(axis=1) / scale for lag in _LAGS]
    return np.column_stack(columns)


def kernel_features(windows: Windows, scale: float) -> FloatArray:
    r"""Return the answers of convolution kernels to raw windows, shape (windows, features).

    The kernels are those of MiniRocket: nine weights, three of them 2 and six −1, at distances of
    1, 2, 4, … days. They weigh the returns and the sizes |r| of the days. A feature is the share of
    the days at which the output is above a threshold. On the sizes there is also a kernel of nine
    equal weights, or no feature would hold the volatility over some days.

    Parameters
    ----------
    windows : Windows
        Of log returns.
    scale : float
        Standard deviation of the returns of a day, the unit of the thresholds.

    References
    ----------
    Dempster, Schmidt & Webb (2021), "MiniRocket: a very fast (almost) deterministic transform for
    time series classification". There the thresholds are quantiles of the outputs and the kernels
    84. Here they are fixed, so that no window decides about the feature of another.
    """
    z = np.asarray(windows.series / scale, np.float32)
    sizes = np.abs(z) - np.float32(_MEAN_SIZE)
    distances = _distances(windows.length)
    columns = []
    for turn, distance in enumerate(distances):
        kernels = _kernels()[turn :: len(distances)]
        inner = z.shape[1] - (_WIDTH - 1) * distance  # days at which a kernel fits
        for values in (z, sizes):
            days = np.stack(
                [values[:, k * distance : k * distance + inner] for k in range(_WIDTH)], axis=1
            )  # (paths, 9, inner)
            answers = kernels @ days  # (paths, kernels, inner)
            hits = [answers > threshold for threshold in _THRESHOLDS]
            if values is sizes:
                level = days.sum(axis=1, keepdims=True) / np.float32(np.sqrt(_WIDTH))
                hits.append(level > np.array(_LEVELS, np.float32)[:, None])
            columns.append(_shares(np.concatenate(hits, axis=1), windows, distance))
    return np.concatenate(columns, axis=1)


def _distances(length: int) -> list[int]:
    """Return 1, 2, 4, … days, as long as a kernel spans less than three quarters of a window."""
    most = max(1, (3 * length // 4 - 1) // (_WIDTH - 1))
    return [2**power for power in range(most.bit_length())]


@cache
def _kernels() -> Float32Array:
    """Every other of MiniRocket's kernels, shape (42, 9), each of length 1."""
    rows = []
    for places in list(combinations(range(_WIDTH), 3))[::2]:
        kernel = np.full(_WIDTH, -1.0)
        kernel[list(places)] = 2.0
        rows.append(kernel / np.linalg.norm(kernel))
    return np.array(rows, np.float32)


def _shares(hits: NDArray[np.bool_], windows: Windows, distance: int) -> FloatArray:
    """Return the share of hits (paths, features, days) in each window, by differences of sums."""
    counts = np.zeros((*hits.shape[:2], hits.shape[2] + 1), np.int32)
    counts[:, :, 1:] = hits
    np.cumsum(counts, axis=2, out=counts)
    inner = windows.length - (_WIDTH - 1) * distance
    rows, starts = windows.rows, windows.starts
    return np.asarray((counts[rows, :, starts + inner] - counts[rows, :, starts]) / inner)


def logistic_auc(real: FloatArray, fake: FloatArray, folds: int = FOLDS, overlap: int = 0) -> float:
    """Return the cross-validated AUC of logistic regression on features and their squares.

    Parameters
    ----------
    real, fake : arrays of shape (windows, features)
        The real ones in the order of time.
    folds, overlap : int
        As in `classifier_test`.
    """
    both = np.concatenate([real, fake])
    z = np.clip((both - both.mean(axis=0)) / (both.std(axis=0) + 1e-12), -4.0, 4.0)
    design = np.column_stack([np.ones(len(z)), z, z**2 - 1.0])
    is_real = np.arange(len(design)) < len(real)
    start = _logistic_weights(design, is_real, np.zeros(design.shape[1]))

    def scores(learned: IntArray, tested: IntArray) -> FloatArray:
        weights = _logistic_weights(design[learned], is_real[learned], start)
        return np.asarray(design[tested] @ weights)

    return _held_out(len(real), len(fake), folds, overlap, scores)


def ridge_auc(real: FloatArray, fake: FloatArray, folds: int = FOLDS, overlap: int = 0) -> float:
    """Return the cross-validated AUC of a linear discriminant with a ridge.

    Parameters
    ----------
    real, fake : arrays of shape (windows, features)
        Features of about the same unit, such as shares of days.
    folds, overlap : int
        As in `classifier_test`.
    """
    both = np.concatenate([real, fake])
    z = (both - both.mean(axis=0)) / (both.std(axis=0) + 1e-2)
    is_real = np.arange(len(z)) < len(real)

    def scores(learned: IntArray, tested: IntArray) -> FloatArray:
        sides = is_real[learned]
        weights = np.where(sides, 0.5 / sides.sum(), 0.5 / (~sides).sum())
        own = z[learned] - weights @ z[learned]
        spread = (own * weights[:, None]).T @ own + np.eye(z.shape[1])
        return np.asarray(z[tested] @ np.linalg.solve(spread, own.T @ (weights * (2 * sides - 1))))

    return _held_out(len(real), len(fake), folds, overlap, scores)


def _held_out(
    n_real: int,
    n_fake: int,
    folds: int,
    overlap: int,
    scores: Callable[[IntArray, IntArray], FloatArray],
) -> float:
    """Return the mean AUC over the folds of scores learned on the other windows."""
    areas = []
    fakes = np.array_split(np.arange(n_real, n_real + n_fake), folds)
    for (learned, tested), part in zip(time_folds(n_real, folds, overlap), fakes, strict=True):
        others = np.setdiff1d(np.arange(n_real, n_real + n_fake), part)
        found = scores(np.concatenate([learned, others]), np.concatenate([tested, part]))
        areas.append(_area(found[: len(tested)], found[len(tested) :]))
    return float(np.mean(areas))


def _logistic_weights(
    design: FloatArray, is_real: NDArray[np.bool_], start: FloatArray
) -> FloatArray:
    """Minimise the logistic loss, both sides weighed alike, with a ridge, by Newton's method."""
    n_real = int(is_real.sum())
    signs = np.where(is_real, 1.0, -1.0)
    shares = np.where(is_real, 1.0 / n_real, 1.0 / (len(is_real) - n_real))
    ridge = np.full(design.shape[1], _RIDGE / len(is_real))
    ridge[0] = 1e-12

    def loss(weights: FloatArray) -> float:
        return float(shares @ np.logaddexp(0.0, -signs * (design @ weights)) + ridge @ weights**2)

    weights, value = start, loss(start)
    for _ in range(_NEWTON_STEPS):
        wrong = np.exp(-np.logaddexp(0.0, signs * (design @ weights)))  # probability of the other
        slope = -design.T @ (shares * signs * wrong) + 2 * ridge * weights
        curve = (design * (shares * wrong * (1 - wrong))[:, None]).T @ design + np.diag(2 * ridge)
        step = np.linalg.solve(curve, slope)
        while (changed := loss(weights - step)) > value and np.abs(step).max() > _SMALL:
            step /= 2
        weights, value = weights - step, changed
        if np.abs(step).max() <= _SMALL:
            break
    return weights


def _area(real: FloatArray, fake: FloatArray) -> float:
    """Mann-Whitney estimate of P(real score > fake score)."""
    ranks = rankdata(np.concatenate([real, fake]))[: len(real)]
    return float((ranks.sum() - len(real) * (len(real) + 1) / 2) / (len(real) * len(fake)))
