"""Classifiers on windows whose relation is known."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.stats.classifiers import (
    classifier_test,
    kernel_features,
    logistic_auc,
    ridge_auc,
    time_folds,
    window_features,
)
from simgan.stats.windows import Windows, of_history, of_paths

RNG = np.random.default_rng
DAYS = np.arange(60)


def normal(seed: int, n: int = 300, days: int = 60) -> np.ndarray:
    return RNG(seed).standard_normal((n, days))


def told_by_kernels(real: np.ndarray, fake: np.ndarray) -> float:
    ours, theirs = (
        kernel_features(of_paths(windows, windows.shape[1], len(windows)), 1.0)
        for windows in (real, fake)
    )
    return ridge_auc(ours, theirs)


def told_by_features(real: np.ndarray, fake: np.ndarray) -> float:
    return classifier_test(real, fake).auc


BOTH = pytest.mark.parametrize("told", [told_by_features, told_by_kernels])


@BOTH
def test_the_same_law_cannot_be_told_apart(told: object) -> None:
    """300 windows a side: the standard error of the AUC is about .024."""
    assert told(normal(1), normal(2)) == pytest.approx(0.5, abs=0.09)


@BOTH
def test_fatter_tails_are_told_apart(told: object) -> None:
    fat = RNG(2).standard_t(3, (300, 60)) / np.sqrt(3)
    assert told(normal(1), fat) > 0.8


@BOTH
def test_clusters_of_volatility_are_told_apart(told: object) -> None:
    clustered = normal(1) * np.where(DAYS // 15 % 2, 0.6, 1.3)
    assert told(clustered, normal(2)) > 0.72


def test_a_law_that_no_weights_can_part_is_fitted_with_finite_weights() -> None:
    """Windows that a plane parts would send plain weights to infinity."""
    assert logistic_auc(normal(1, 60, 3), 50 + normal(2, 60, 3)) == 1.0


def test_windows_of_two_lengths_are_refused() -> None:
    with pytest.raises(ConfigError, match="one length"):
        classifier_test(np.zeros((100, 60)), np.zeros((100, 20)))


def test_overlapping_windows_do_not_teach_the_days_of_their_neighbours() -> None:
    """One walk of volatility in overlapping windows. Windows beside a fold share days with it.

    A classifier that may learn from them tells the history from its own law.
    """
    level = np.exp(0.5 * np.sin(np.arange(1500) / 40))
    windows = of_history(level * RNG(1).standard_normal(1500), 250, 100)
    fake = of_paths(level * RNG(2).standard_normal((40, 1500)), 250, 100)
    ours, theirs = window_features(windows.values), window_features(fake.values)
    leaking, honest = (logistic_auc(ours, theirs, 5, gap) for gap in (0, windows.overlap))
    assert honest < leaking - 0.1


def test_a_fold_is_learned_from_windows_that_share_no_day_with_it() -> None:
    windows = of_history(np.arange(1000.0), 60, 200)
    for learned, tested in time_folds(len(windows), 5, windows.overlap):
        days = [set(windows.values[part].ravel()) for part in (learned, tested)]
        assert days[0].isdisjoint(days[1])
        assert len(learned) > 0.6 * len(windows)


def test_kernels_count_days_above_their_thresholds() -> None:
    """By a loop over days. Each kernel has weights 2, 2, 2 and six −1, over √18."""
    series = RNG(3).standard_normal((2, 40))
    windows = Windows(series, np.array([0, 1, 1]), np.array([3, 0, 15]), 25)
    found = kernel_features(windows, 1.0)
    first = np.full(9, -1.0)
    first[:3] = 2.0
    for window, (row, start) in enumerate([(0, 3), (1, 0), (1, 15)]):
        own = series[row, start : start + 25]
        answers = np.array([first @ own[d : d + 9] for d in range(17)]) / np.sqrt(18)
        assert found[window, 0] == pytest.approx(np.mean(answers > 0.5))
        sizes = np.array([(np.abs(own[d : d + 9]) - 0.72).sum() for d in range(17)]) / 3
        # 21 kernels of a distance of one day at two thresholds on returns, then on sizes
        assert found[window, 4 * 21] == pytest.approx(np.mean(sizes > -0.8))


@pytest.mark.parametrize(("length", "most"), list(product((20, 60, 250), (40, 300))))
def test_windows_end_on_the_last_day_and_know_their_overlap(length: int, most: int) -> None:
    windows = of_history(np.arange(1000.0), length, most)
    assert len(windows) <= most and windows.values[-1, -1] == 999.0
    step = np.unique(np.diff(windows.starts))
    assert len(step) == 1 and step[0] >= length // 8
    assert windows.overlap == sum(number * step[0] < length for number in range(1, 99))


def test_windows_of_paths_come_from_all_of_them() -> None:
    paths = np.arange(8000.0).reshape(20, 400)
    few = of_paths(paths, 60, 20)
    assert sorted({int(window[0]) // 400 for window in few.values}) == list(range(20))
    many = of_paths(paths, 60, 90).values
    assert many.shape == (90, 60) and len({window[0] for window in many}) == 90
