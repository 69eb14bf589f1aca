"""Nearest neighbours and coverage: against loops, a formula, and copies."""

from __future__ import annotations

import numpy as np
import pytest

from simgan.errors import ConfigError
from simgan.stats.novelty import Library, coverage, expected_coverage, memorisation_ratio
from simgan.stats.windows import of_history, of_paths, standardised

RNG = np.random.default_rng


def test_fresh_windows_are_as_far_from_the_training_as_real_ones() -> None:
    training, held_out, fake = (RNG(seed).standard_normal((500, 20)) for seed in (1, 2, 3))
    assert memorisation_ratio(training, held_out, fake) == pytest.approx(1, abs=0.05)


def test_copies_are_found_at_any_volatility() -> None:
    training, held_out = (RNG(seed).standard_normal((500, 20)) for seed in (1, 2))
    assert memorisation_ratio(training, held_out, 3.0 * training[:100] + 0.01) == 0.0


def test_the_nearest_window_is_that_of_a_loop() -> None:
    history = RNG(1).standard_t(4, 90)
    library, queries = Library.of(history[None], 20, 90), of_history(history, 20, 12)
    held, wanted = standardised(library.windows.values), standardised(queries.values)
    found = library.nearest(queries, are_own=True)
    for query, start in enumerate(queries.starts):
        apart = [
            np.linalg.norm(wanted[query] - held[other])
            for other in range(71)
            if abs(other - start) >= 20
        ]
        assert found.distances[query] == pytest.approx(min(apart))
        assert abs(found.numbers[query] - start) >= 20
    assert library.nearest(queries).distances == pytest.approx(0.0, abs=1e-9)
    assert library.nearest(queries).numbers.tolist() == queries.starts.tolist()


def test_windows_of_other_series_are_neighbours_on_the_same_days() -> None:
    paths = np.tile(RNG(1).standard_normal(60), (2, 1))
    library = Library.of(paths[:1], 20, 41)
    assert library.nearest(of_paths(paths[1:], 20, 5)).distances == pytest.approx(0.0, abs=1e-9)


def test_still_windows_are_neighbours_of_each_other_and_never_divide_by_zero() -> None:
    still = np.zeros((30, 20))
    assert coverage(still, still) == 1.0
    assert np.isfinite(standardised(still)).all()


def test_coverage_by_hand() -> None:
    """Windows of three days on a circle after standardising, angles in degrees.

    Real ones at 0, 10, 30, 90: the first neighbour is 10, 10, 20, 60 away. A generated window at
    −8 covers 0 alone; one at 45 covers 30 and 90.
    """

    def at(*angles: float) -> np.ndarray:
        one, other = (
            np.array([1.0, -1.0, 0.0]) / np.sqrt(2),
            np.array([1.0, 1.0, -2.0]) / np.sqrt(6),
        )
        turns = np.deg2rad(np.array(angles))[:, None]
        return np.cos(turns) * one + np.sin(turns) * other

    real = at(0, 10, 30, 90)
    assert coverage(real, at(-8), k=1) == 0.25
    assert coverage(real, at(45), k=1) == 0.5
    assert coverage(real, at(-8, 45), k=1) == 0.75
    assert coverage(real, at(180), k=1) == 0.0
    with pytest.raises(ConfigError, match="below the real windows"):
        coverage(real, real, k=4)


def test_the_mean_coverage_of_one_law_is_that_of_the_formula() -> None:
    """As many windows: 1 − (1/2)ᵏ, but for small samples, as in the paper.

    Over 40 pairs of 60 windows the mean has a standard error of about .004.
    """
    assert expected_coverage(10_000, 10_000) == pytest.approx(1 - 0.5**5, abs=1e-4)
    assert expected_coverage(3, 1, k=1) == pytest.approx(1 / 3)
    found = [
        coverage(RNG(i).standard_normal((60, 20)), RNG(900 + i).standard_normal((60, 20)))
        for i in range(40)
    ]
    assert np.mean(found) == pytest.approx(expected_coverage(60, 60), abs=0.02)
