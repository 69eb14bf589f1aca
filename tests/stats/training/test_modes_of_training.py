"""Lost modes and a shrunken spread are found; shares that are merely uneven are not lost modes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from simgan.errors import ConfigError
from simgan.seeds import Seed
from simgan.stats.training.modes import (
    about,
    clusters,
    coverage,
    mode_coverage,
    quantile_cells,
    shares,
    spread,
)

CENTRES = np.array([(-2.0, -2.0), (-2.0, 2.0), (2.0, -2.0), (2.0, 2.0)])
QUARTERS = np.full(4, 0.25)


def points(weights: np.ndarray, n: int = 2000, number: int = 0) -> np.ndarray:
    rng = Seed(7).stream("baseline", number)
    return CENTRES[rng.choice(4, n, p=weights)] + 0.5 * rng.standard_normal((n, 2))


def test_a_mode_without_fakes_is_lost_and_one_with_half_its_share_is_not() -> None:
    found = coverage(np.array([0.0, 0.125, 0.375, 0.5]), QUARTERS, 1000)
    assert found.lost == (0,) and found.covered == 3
    assert found.p_values[0] == pytest.approx(0.9375**1000)  # no success in 1,000 with chance 1/16


def test_a_mode_with_just_a_quarter_of_its_share_is_called_lost_in_less_than_one_of_a_hundred() -> (
    None
):
    """By summing the binomial law:
    1,000 fakes of which one mode gets each count; the other three share the rest.
    """
    counts = np.arange(1001)
    lost = [
        0 in coverage(np.array([k, *[(1000 - k) / 3] * 3]) / 1000, QUARTERS, 1000).lost
        for k in counts
    ]
    assert binom.pmf(counts, 1000, 1 / 16) @ lost < 0.01
    assert binom.pmf(counts, 1000, 1 / 8) @ lost < 1e-6
    assert binom.pmf(counts, 1000, 1 / 50) @ lost > 0.99


def test_few_fakes_cannot_lose_a_mode() -> None:
    """(15/16)^n against .01/4: it takes 93 fakes."""
    none = np.array([0.0, 0.0, 0.5, 0.5])
    assert coverage(none, QUARTERS, 92).lost == () and coverage(none, QUARTERS, 93).lost == (0, 1)


def test_effective_number_of_modes() -> None:
    assert coverage(QUARTERS, QUARTERS, 100).effective == pytest.approx(4)
    assert coverage(np.array([1.0, 0, 0, 0]), QUARTERS, 100).effective == pytest.approx(1)
    assert coverage(np.array([0.5, 0.5, 0, 0]), QUARTERS, 100).effective == pytest.approx(2)


def test_clusters_find_modes_that_nobody_named() -> None:
    real, whole, broken = (
        points(QUARTERS),
        points(QUARTERS, number=1),
        points(np.array([0.5, 0.5, 0.0, 0.0]), number=2),
    )
    cells = clusters(real, 4, Seed(0))
    assert mode_coverage(real, whole, cells, 4).lost == ()
    assert mode_coverage(real, broken, cells, 4).covered == 2
    np.testing.assert_allclose(
        sorted(shares(cells(real), 4)), sorted(shares(about(CENTRES)(real), 4)), atol=0.01
    )


def test_points_near_no_centre_are_in_no_cell() -> None:
    numbers = about(CENTRES, within=1.5)(np.array([(-2.0, -2.0), (0.0, 0.0), (2.0, 3.0)]))
    assert numbers.tolist() == [0, -1, 3]
    np.testing.assert_allclose(shares(numbers, 4), [1 / 3, 0, 0, 1 / 3])


def test_quantile_cells_share_the_real_values_equally() -> None:
    real = Seed(8).stream("baseline").standard_normal(999)
    cells = quantile_cells(real, 3)
    np.testing.assert_allclose(shares(cells(real), 3), 1 / 3)
    assert cells(np.array([-9.0, 0.0, 9.0])).tolist() == [0, 1, 2]


def test_the_interval_of_the_spread_covers_it() -> None:
    """Normals in the plane with a spread of .6:
    95 % intervals of 300 pairs of samples; 99.9 % binomial limits about .95.
    """
    rng = Seed(9).stream("baseline")
    found = [
        spread(rng.standard_normal((200, 2)), 0.6 * rng.standard_normal((400, 2)))
        for _ in range(300)
    ]
    assert 0.90 < np.mean([one.low < 0.6 < one.high for one in found]) < 0.99
    assert not any(one.is_shrunk for one in found)


def test_fakes_at_one_point_are_shrunk_and_a_lost_mode_alone_is_not() -> None:
    real = points(QUARTERS)
    assert spread(real, points(np.array([1.0, 0, 0, 0]), number=3)).is_shrunk
    assert spread(real, np.ones((100, 2))).is_shrunk
    assert not spread(real, points(np.array([0.4, 0.3, 0.3, 0.0]), number=4)).is_shrunk


def test_impossible_shares_and_points_are_refused() -> None:
    for wrong in (np.array([0.5, 1.5]), np.array([0.5, -0.1])):
        with pytest.raises(ConfigError):
            coverage(wrong, np.array([0.5, 0.5]), 100)
    with pytest.raises(ConfigError):
        coverage(np.ones(1), np.ones(2) / 2, 100)
    with pytest.raises(ConfigError, match="do not vary"):
        spread(np.ones((10, 2)), np.ones((10, 2)))
