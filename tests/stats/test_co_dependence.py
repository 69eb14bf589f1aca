"""Dependence across assets: other libraries, closed forms, and numbers by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from simgan.stats.co_dependence import (
    common_days,
    correlations,
    cross_correlations,
    joint_exceedances,
    rank_correlations,
    regimes,
    size_correlations,
    spectrum,
    worst_day_moves,
)

RNG = np.random.default_rng(7)
ROOT = np.linalg.cholesky([[1.0, 0.6, -0.3], [0.6, 1.0, 0.0], [-0.3, 0.0, 1.0]])
DAYS = RNG.standard_t(5, (900, 3)) @ ROOT.T
GAPS = DAYS.copy()
GAPS[:300, 2] = np.nan
GAPS[RNG.random(900) < 0.1, 0] = np.nan


def test_correlations_are_those_of_numpy_and_with_gaps_those_of_pandas() -> None:
    assert correlations(DAYS) == pytest.approx(np.corrcoef(DAYS.T))
    assert correlations(GAPS) == pytest.approx(pd.DataFrame(GAPS).corr().to_numpy())
    assert common_days(GAPS) == pytest.approx(pd.DataFrame(GAPS).notna().T.dot(
        pd.DataFrame(GAPS).notna().astype(float)
    ).to_numpy())  # fmt: skip


def test_a_pair_with_few_common_days_has_no_number() -> None:
    few = DAYS.copy()
    few[19:, 1] = np.nan
    found = correlations(few)
    assert np.isnan(found[0, 1]) and np.isnan(found[1, 2]) and np.isfinite(found[0, 2])
    assert np.isnan(joint_exceedances(few)[0, 1])


def test_rank_correlations_are_those_of_scipy() -> None:
    assert rank_correlations(DAYS) == pytest.approx(spearmanr(DAYS).statistic)
    of_own_days = pd.DataFrame(GAPS).rank().corr().to_numpy()
    assert rank_correlations(GAPS) == pytest.approx(of_own_days)


def test_sizes_are_compared_on_the_same_day_and_with_later_ones() -> None:
    sizes = np.abs(DAYS)
    assert size_correlations(DAYS) == pytest.approx(np.corrcoef(sizes.T))
    later = np.corrcoef(sizes[:-1, 0], sizes[1:, 2])[0, 1]
    assert size_correlations(DAYS, 1)[0, 2] == pytest.approx(later)
    assert cross_correlations(sizes[:-1], sizes[1:])[0, 2] == pytest.approx(later)


def test_tails_are_counted_on_either_side() -> None:
    """By hand: 5 of 100 days are a tail. The first asset shares all falls with the second, and no
    gain. With the third it shares 2 of 5 on either side.
    """
    first = np.arange(100.0)
    second = np.concatenate([first[:50], first[50:][::-1]])
    third = np.concatenate([[96, 97, 98], np.arange(90.0), [91, 92, 93, 94, 95, 99, 100]])
    days = np.stack([first, second, third], axis=1)
    falls, gains = joint_exceedances(days), joint_exceedances(days, 1.0)
    assert falls[0, 1] == falls[0, 0] == pytest.approx(1.0)
    assert gains[0, 1] == 0.0
    assert falls[0, 2] == gains[0, 2] == pytest.approx(2 / 5)


def test_independent_tails_meet_by_chance() -> None:
    """20,000 days: the standard error is √(.05² · .95/20,000) / .05 = .007."""
    assert joint_exceedances(RNG.standard_normal((20_000, 2)))[0, 1] == pytest.approx(
        0.05, abs=0.03
    )


def test_the_others_on_the_worst_days() -> None:
    """By hand: of 200 days, 2 are the worst of each asset, in units of its deviation."""
    days = 0.01 * RNG.standard_normal((200, 2))
    days[[5, 9], 0] = [-0.2, -0.3]
    days[[5, 9], 1] = [-0.04, -0.02]
    scaled = days / days.std(axis=0)
    worst = np.argsort(days, axis=0)[:2]
    expected = [scaled[worst[:, 0], 1].mean(), scaled[worst[:, 1], 0].mean()]
    assert worst_day_moves(days) == pytest.approx(expected)
    assert set(worst[:, 0]) == {5, 9}


def test_days_are_calm_or_turbulent_by_the_days_before_them() -> None:
    """A wild stretch of 40 days: from the day after its first on, days are turbulent."""
    days = np.full((400, 2), 0.001)
    days[100:140] = 0.05
    days[300:, 1] = np.nan
    days[:, 0] += 1e-6 * np.arange(400)
    calm, turbulent = regimes(days)
    assert not calm[:21].any() and not turbulent[:21].any()
    assert turbulent[101:161].all() and not turbulent[100] and not calm[101:161].any()
    assert calm.sum() == pytest.approx((400 - 21) / 3, abs=1)
    assert turbulent.sum() == pytest.approx((400 - 21) / 3, abs=1)


def test_the_spectrum_of_equal_correlations_is_known() -> None:
    """The eigenvalues are 1 + (n − 1) ρ, and 1 − ρ for all others."""
    matrix = np.full((5, 5), 0.4)
    np.fill_diagonal(matrix, np.nan)
    matrix[0, 1] = matrix[1, 0] = np.nan
    assert spectrum(matrix) == pytest.approx([(1 + 4 * 0.4) / 5, *[0.6 / 5] * 4])
