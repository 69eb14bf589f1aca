"""The energy distance: against a loop, and the size and power of its test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from twins import gjr_paths

from simgan.errors import ConfigError
from simgan.stats.energy import energy_test

RNG = np.random.default_rng


def test_the_distance_is_that_of_all_pairs_of_windows() -> None:
    """2 E|X − Y| − E|X − X′| − E|Y − Y′| over all pairs, by scipy."""
    real, fake = RNG(1).standard_normal(1250), 2.0 * RNG(2).standard_t(5, (3, 500))

    def lifted(paths: np.ndarray) -> np.ndarray:
        windows = paths.reshape(-1, 50) / real.std()
        sums = [np.cumsum(part, axis=1) for part in (windows, np.abs(windows))]
        return np.concatenate(sums, axis=1) / np.sqrt(50)

    x, y = lifted(real), lifted(fake)
    expected = 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()
    found = energy_test(real, fake, 50, RNG(3), permutations=19)
    assert found.distance == pytest.approx(expected)
    assert (found.p_value, found.blocks) == (1 / 20, 5)


def test_a_true_gjr_is_rejected_at_no_more_than_the_nominal_rate() -> None:
    """60 histories of 1,500 days at 10 %: more than 13 rejections have a chance of .4 %.

    Windows that are permuted without their blocks reject more, because they depend on each other.
    """
    paths = gjr_paths(120, 1500, RNG(1))
    found = [
        energy_test(paths[i], paths[60 + i : 63 + i], 20, RNG(i), permutations=99).p_value
        for i in range(57)
    ]
    assert np.mean(np.array(found) <= 0.1) <= 13 / 57
    assert np.mean(found) == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize("length", [20, 60])
def test_clusters_are_seen_beyond_the_law_of_a_day(length: int) -> None:
    """The twin that must fail: the same days in random order."""
    paths = gjr_paths(9, 5000, RNG(4))
    assert energy_test(paths[0], paths[1:], length, RNG(1), 199).p_value > 0.05
    shuffled = RNG(2).permuted(paths[1:], axis=1)
    assert energy_test(paths[0], shuffled, length, RNG(1), 199).p_value <= 0.05


def test_too_few_days_are_refused() -> None:
    with pytest.raises(ConfigError, match="5 real blocks"):
        energy_test(np.arange(1000.0), np.zeros((2, 500)), 20, RNG(1))
