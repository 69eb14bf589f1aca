"""Distances of days as vectors: closed forms, and numbers by hand."""

from __future__ import annotations

from math import gamma, pi, sqrt

import numpy as np
import pytest
from scipy.stats import energy_distance

from simgan.stats.vector_distances import energy_of_days, mean_distance, variogram

RNG = np.random.default_rng(3)


def test_mean_distance_by_hand() -> None:
    one, other = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0]])
    assert mean_distance(one, other) == pytest.approx(2.5)
    many = RNG.standard_normal((1203, 3))
    apart = np.linalg.norm(many[:, None, :] - many[None, :50], axis=2)
    assert mean_distance(many, many[:50]) == pytest.approx(apart.mean())


def test_energy_of_one_asset_is_that_of_scipy() -> None:
    """SciPy returns the root of it, and counts each value with itself, too."""
    one, other = RNG.standard_normal(300), 0.3 + RNG.standard_normal(500)
    found = energy_of_days(one[:, None], other[:, None])
    assert found == pytest.approx(energy_distance(one, other) ** 2)
    known = mean_distance(other[:, None], other[:, None])
    assert energy_of_days(one[:, None], other[:, None], known) == pytest.approx(found)
    assert energy_of_days(other[:, None], other[:, None]) == pytest.approx(0, abs=1e-12)


def test_variogram_by_hand_and_over_common_days() -> None:
    days = np.array([[0.0, 4.0, 1.0], [0.0, 9.0, np.nan]])
    assert variogram(days) == pytest.approx([2.5, 1.0, sqrt(3)])
    assert variogram(days, 1.0) == pytest.approx([6.5, 1.0, 3.0])


def test_variogram_of_normal_days_is_known() -> None:
    """E|Z|^½ = 2^¼ Γ(¾) / √π, here for a difference of variance 2 (1 − ρ)."""
    root = np.linalg.cholesky([[1.0, 0.5], [0.5, 1.0]])
    days = RNG.standard_normal((200_000, 2)) @ root.T
    assert variogram(days)[0] == pytest.approx(2**0.25 * gamma(0.75) / sqrt(pi), rel=0.01)
