"""Drawn histories have shapes that follow their returns and their volatility."""

from __future__ import annotations

import numpy as np
import pytest
from made_ranges import ranged_paths

from simgan.baselines.plausible import plausible_shapes
from simgan.report.ranged import days_of
from simgan.seeds import Seed
from simgan.stats.ranges import RANGE, mean_range, range_memory, rank_correlation

PATHS, SHAPES = ranged_paths(5, 3_000, np.random.default_rng(8))
REAL, OWN = PATHS[0], SHAPES[0]


def shaped(histories: np.ndarray, shapes: np.ndarray = OWN) -> np.ndarray:
    return plausible_shapes(REAL, shapes, histories, Seed(2).stream("plausible", 1))


def test_histories_of_the_law_have_ranges_of_the_law() -> None:
    """Mean, memory and correlation of five histories of 3,000 days differ by chance: a tenth."""
    drawn, true = days_of(PATHS, shaped(PATHS)), days_of(PATHS, SHAPES)
    assert mean_range(drawn) == pytest.approx(mean_range(true), rel=0.1)
    assert rank_correlation(drawn, 0) == pytest.approx(rank_correlation(true, 0), abs=0.05)
    assert range_memory(drawn, 5)[-1] == pytest.approx(range_memory(true, 5)[-1], abs=0.1)


def apart(shapes: np.ndarray) -> float:
    """Mean difference of mean ranges, in logs, by tenths of days with like returns."""
    order = np.argsort(np.abs(REAL)).reshape(10, -1)
    own, other = (days_of(REAL, each)[order, RANGE].mean(axis=1) for each in (OWN, shapes))
    return float(np.abs(np.log(other / own)).mean())


def test_days_of_like_returns_have_like_ranges() -> None:
    """Of 300 days with their own ranges: the standard error of a tenth is about .04."""
    assert apart(shaped(REAL)) < 0.06
    assert apart(np.random.default_rng(1).permuted(OWN, axis=0)) > 0.12


def test_shapes_scale_with_the_returns() -> None:
    np.testing.assert_allclose(shaped(4 * PATHS), 4 * shaped(PATHS), rtol=1e-9)


def test_a_day_without_a_shape_has_none_in_any_history() -> None:
    shapes = OWN.copy()
    shapes[[3, 700]] = np.nan
    drawn = shaped(PATHS, shapes)
    missing = np.isnan(drawn).all(axis=-1)
    assert drawn.shape == (5, 3_000, 3)
    assert np.flatnonzero(missing.all(axis=0)).tolist() == [3, 700] and missing.sum() == 10
